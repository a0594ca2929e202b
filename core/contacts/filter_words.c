/* The words of the filter language, English and Japanese, both always
 * understood.  A field of a list that has such a name is meant when the name
 * stands in quotes; so words that lists use for their columns (住所, 登録日) are
 * not among these. */
#include "core/contacts/filter_words.h"

#include "core/contacts/contacts.h"

static const struct word {
	struct filter_word of;
	int value;
} words[] = {
    {{FILTER_ADDRESS, "address", "アドレス", NULL}, 0},
    {{FILTER_NAME, "name", "名前", NULL}, 0},
    {{FILTER_DOMAIN, "domain", "ドメイン", NULL}, 0},
    {{FILTER_TAG, "tag", "タグ", NULL}, 0},
    {{FILTER_STATUS, "status", "状態", NULL}, 0},
    {{FILTER_STATUS, "active", "有効", "status"}, FILTER_ACTIVE},
    {{FILTER_STATUS, "stopped", "停止", "status"}, FILTER_STOPPED},
    {{FILTER_STATUS, "unsubscribed", "解除", "status"}, FILTER_UNSUBSCRIBED},
    {{FILTER_STATUS, "bounced", "不達", "status"}, FILTER_BOUNCING},
    {{FILTER_STATUS, "complaint", "苦情", "status"}, FILTER_COMPLAINT},
    {{FILTER_STATUS, "nobasis", "根拠なし", "status"}, FILTER_NOBASIS},
    {{FILTER_BASIS, "basis", "根拠", NULL}, 0},
    {{FILTER_BASIS, "none", "なし", "basis"}, BASIS_NONE},
    {{FILTER_BASIS, "consent", "同意", "basis"}, BASIS_CONSENT},
    {{FILTER_BASIS, "card", "名刺", "basis"}, BASIS_CARD},
    {{FILTER_BASIS, "business", "取引", "basis"}, BASIS_BUSINESS},
    {{FILTER_BASIS, "published", "公表", "basis"}, BASIS_PUBLISHED},
    {{FILTER_LIST, "list", "リスト", NULL}, 0},
    {{FILTER_SINCE, "since", "同意日", NULL}, 0},
    {{FILTER_AGE, "age", "経過", NULL}, 0},
    {{FILTER_ADDED, "added", "追加", NULL}, 0},
    {{FILTER_CHANGED, "changed", "変更", NULL}, 0},
    {{FILTER_SENT, "sent", "送信", NULL}, 0},
    {{FILTER_SENT, "never", "なし", "sent"}, 0},
    {{FILTER_RECEIVED, "received", "受信", NULL}, 0},
    {{FILTER_BOUNCED, "bounced", "不達", NULL}, 0},
};

bool
filter_word(size_t index, struct filter_word *out)
{
	if (index >= sizeof words / sizeof *words)
		return false;
	*out = words[index].of;
	return true;
}

static bool
is_word(const struct word *word, struct span text)
{
	struct buf folded = BUF_INIT;
	bool same;

	/* half-width kana come folded to what the table has */
	match_fold(span_of(word->of.japanese), &folded);
	same = span_equal(text, span_of(word->of.word)) ||
	       span_equal(text, buf_span(&folded));
	buf_done(&folded);
	return same;
}

enum filter_subject
filter_subject_of(struct span name)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!words[i].of.of && is_word(&words[i], name))
			return words[i].of.subject;
	}
	return FILTER_FIELD;
}

int
filter_choice(const char *of, struct span word)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (words[i].of.of && !strcmp(words[i].of.of, of) &&
		    is_word(&words[i], word))
			return words[i].value;
	}
	return -1;
}
