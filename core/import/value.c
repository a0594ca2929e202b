/* Words for yes, no and the states of a subscription.  Those that mean the same
 * in every column are states; the others are a yes or a no, which a column
 * called 配信停止 turns round.  Where that would be a guess ("有効" under
 * 配信停止) the word is unknown there, and unknown means stop. */
#include "core/import/value.h"

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/import/header.h"

enum word {
	WORD_UNKNOWN,
	WORD_YES,
	WORD_NO,
	WORD_MAY,    /* yes, unless the column says who is stopped */
	WORD_MAYNOT, /* no, unless it does */
	WORD_SUBSCRIBED,
	WORD_WAITING,
	WORD_UNSUBSCRIBED, /* from here on: not to be mailed, everywhere */
	WORD_BOUNCED,
	WORD_COMPLAINT,
	WORD_BLOCKED
};

/* As header_fold() makes them. */
static const struct {
	const char *text;
	enum word word;
} words[] = {
    {"1", WORD_YES},
    {"y", WORD_YES},
    {"yes", WORD_YES},
    {"t", WORD_YES},
    {"true", WORD_YES},
    {"on", WORD_YES},
    {"x", WORD_UNKNOWN}, /* a cross in a box, or a no */
    {"○", WORD_YES},
    {"◯", WORD_YES},
    {"〇", WORD_YES},
    {"◎", WORD_YES},
    {"●", WORD_YES},
    {"✓", WORD_YES},
    {"✔", WORD_YES},
    {"☑", WORD_YES},
    {"はい", WORD_YES},
    {"有", WORD_YES},
    {"有り", WORD_YES},
    {"あり", WORD_YES},
    {"する", WORD_YES},
    {"済", WORD_YES},
    {"希望", WORD_YES},
    {"希望する", WORD_YES},
    {"希望します", WORD_YES},
    {"0", WORD_NO},
    {"n", WORD_NO},
    {"no", WORD_NO},
    {"f", WORD_NO},
    {"false", WORD_NO},
    {"off", WORD_NO},
    {"×", WORD_NO},
    {"✕", WORD_NO},
    {"✖", WORD_NO},
    {"✗", WORD_NO},
    {"✘", WORD_NO},
    {"☐", WORD_NO},
    {"いいえ", WORD_NO},
    {"無", WORD_NO},
    {"無し", WORD_NO},
    {"なし", WORD_NO},
    {"しない", WORD_NO},
    {"未", WORD_NO},
    {"希望しない", WORD_NO},
    {"希望しません", WORD_NO},
    {"ok", WORD_MAY},
    {"可", WORD_MAY},
    {"可能", WORD_MAY},
    {"要", WORD_MAY},
    {"必要", WORD_MAY},
    {"有効", WORD_MAY},
    {"active", WORD_MAY},
    {"enabled", WORD_MAY},
    {"confirmed", WORD_MAY},
    {"同意", WORD_MAY},
    {"同意する", WORD_MAY},
    {"同意します", WORD_MAY},
    {"同意済", WORD_MAY},
    {"同意済み", WORD_MAY},
    {"承諾", WORD_MAY},
    {"承諾する", WORD_MAY},
    {"許可", WORD_MAY},
    {"許可する", WORD_MAY},
    {"ng", WORD_MAYNOT},
    {"不可", WORD_MAYNOT},
    {"不要", WORD_MAYNOT},
    {"否", WORD_MAYNOT},
    {"不同意", WORD_MAYNOT},
    {"未同意", WORD_MAYNOT},
    {"同意しない", WORD_MAYNOT},
    {"同意しません", WORD_MAYNOT},
    {"承諾しない", WORD_MAYNOT},
    {"許可しない", WORD_MAYNOT},
    {"不許可", WORD_MAYNOT},
    {"subscribed", WORD_SUBSCRIBED},
    {"optin", WORD_SUBSCRIBED},
    {"optedin", WORD_SUBSCRIBED},
    {"配信", WORD_SUBSCRIBED},
    {"配信中", WORD_SUBSCRIBED},
    {"配信可", WORD_SUBSCRIBED},
    {"配信可能", WORD_SUBSCRIBED},
    {"配信する", WORD_SUBSCRIBED},
    {"配信許可", WORD_SUBSCRIBED},
    {"配信希望", WORD_SUBSCRIBED},
    {"購読", WORD_SUBSCRIBED},
    {"購読中", WORD_SUBSCRIBED},
    {"購読する", WORD_SUBSCRIBED},
    {"受信する", WORD_SUBSCRIBED},
    {"受け取る", WORD_SUBSCRIBED},
    {"受信希望", WORD_SUBSCRIBED},
    {"登録", WORD_SUBSCRIBED},
    {"登録中", WORD_SUBSCRIBED},
    {"登録済", WORD_SUBSCRIBED},
    {"登録済み", WORD_SUBSCRIBED},
    {"本登録", WORD_SUBSCRIBED},
    {"pending", WORD_WAITING},
    {"unconfirmed", WORD_WAITING},
    {"nonsubscribed", WORD_WAITING},
    {"transactional", WORD_WAITING},
    {"仮登録", WORD_WAITING},
    {"未確認", WORD_WAITING},
    {"未承認", WORD_WAITING},
    {"確認待ち", WORD_WAITING},
    {"nobasis", WORD_WAITING},
    {"unsubscribed", WORD_UNSUBSCRIBED},
    {"unsubscribe", WORD_UNSUBSCRIBED},
    {"inactive", WORD_UNSUBSCRIBED},
    {"disabled", WORD_UNSUBSCRIBED},
    {"optout", WORD_UNSUBSCRIBED},
    {"optedout", WORD_UNSUBSCRIBED},
    {"removed", WORD_UNSUBSCRIBED},
    {"deleted", WORD_UNSUBSCRIBED},
    {"archived", WORD_UNSUBSCRIBED},
    {"無効", WORD_UNSUBSCRIBED},
    {"停止", WORD_UNSUBSCRIBED},
    {"停止中", WORD_UNSUBSCRIBED},
    {"配信停止", WORD_UNSUBSCRIBED},
    {"配信停止中", WORD_UNSUBSCRIBED},
    {"配信停止済", WORD_UNSUBSCRIBED},
    {"配信停止済み", WORD_UNSUBSCRIBED},
    {"配信不可", WORD_UNSUBSCRIBED},
    {"配信不要", WORD_UNSUBSCRIBED},
    {"配信しない", WORD_UNSUBSCRIBED},
    {"配信拒否", WORD_UNSUBSCRIBED},
    {"配信解除", WORD_UNSUBSCRIBED},
    {"受信しない", WORD_UNSUBSCRIBED},
    {"受け取らない", WORD_UNSUBSCRIBED},
    {"受信拒否", WORD_UNSUBSCRIBED},
    {"拒否", WORD_UNSUBSCRIBED},
    {"解除", WORD_UNSUBSCRIBED},
    {"解除済", WORD_UNSUBSCRIBED},
    {"解除済み", WORD_UNSUBSCRIBED},
    {"購読解除", WORD_UNSUBSCRIBED},
    {"購読停止", WORD_UNSUBSCRIBED},
    {"登録解除", WORD_UNSUBSCRIBED},
    {"退会", WORD_UNSUBSCRIBED},
    {"退会済", WORD_UNSUBSCRIBED},
    {"退会済み", WORD_UNSUBSCRIBED},
    {"bounced", WORD_BOUNCED},
    {"bounce", WORD_BOUNCED},
    {"hardbounce", WORD_BOUNCED},
    {"hardbounced", WORD_BOUNCED},
    {"cleaned", WORD_BOUNCED},
    {"undeliverable", WORD_BOUNCED},
    {"unreachable", WORD_BOUNCED},
    {"invalid", WORD_BOUNCED},
    {"エラー", WORD_BOUNCED},
    {"エラー停止", WORD_BOUNCED},
    {"配信エラー", WORD_BOUNCED},
    {"送信エラー", WORD_BOUNCED},
    {"不達", WORD_BOUNCED},
    {"不達停止", WORD_BOUNCED},
    {"complaint", WORD_COMPLAINT},
    {"complained", WORD_COMPLAINT},
    {"spam", WORD_COMPLAINT},
    {"spamreport", WORD_COMPLAINT},
    {"spamreports", WORD_COMPLAINT},
    {"abuse", WORD_COMPLAINT},
    {"苦情", WORD_COMPLAINT},
    {"迷惑メール報告", WORD_COMPLAINT},
    {"blocked", WORD_BLOCKED},
    {"block", WORD_BLOCKED},
    {"blacklisted", WORD_BLOCKED},
    {"blocklisted", WORD_BLOCKED},
    {"suppressed", WORD_BLOCKED},
    {"ブラックリスト", WORD_BLOCKED},
    {"禁止", WORD_BLOCKED},
    {"配信禁止", WORD_BLOCKED},
};

static enum word
find_word(struct span cell)
{
	struct buf folded = BUF_INIT;
	enum word found = WORD_UNKNOWN;

	if (cell.len > sizeof((struct import_value *)NULL)->text)
		return WORD_UNKNOWN;
	header_fold(cell, &folded);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (span_equal(buf_span(&folded), span_of(words[i].text)))
			found = words[i].word;
	}
	buf_done(&folded);
	return found;
}

static enum import_state
stop_of(enum import_sense sense)
{
	switch (sense) {
	case IMPORT_SENSE_BOUNCE:
		return IMPORT_STATE_BOUNCED;
	case IMPORT_SENSE_BLOCK:
		return IMPORT_STATE_BLOCKED;
	case IMPORT_SENSE_MAY:
	case IMPORT_SENSE_STOP:
		break;
	}
	return IMPORT_STATE_UNSUBSCRIBED;
}

enum import_state
value_state(
    enum import_target target, enum import_sense sense, struct span cell)
{
	bool may = target == IMPORT_AGREED || sense == IMPORT_SENSE_MAY;
	enum import_state no = target == IMPORT_AGREED
				   ? IMPORT_STATE_REFUSED
				   : IMPORT_STATE_UNSUBSCRIBED;

	if (text_is_blank(cell))
		return may ? IMPORT_STATE_REFUSED : IMPORT_STATE_UNSAID;
	switch (find_word(cell)) {
	case WORD_YES:
		return may ? IMPORT_STATE_SUBSCRIBED : stop_of(sense);
	case WORD_NO:
		return may ? no : IMPORT_STATE_SUBSCRIBED;
	case WORD_MAY:
		return may ? IMPORT_STATE_SUBSCRIBED : stop_of(sense);
	case WORD_MAYNOT:
		return may ? no : stop_of(sense);
	case WORD_SUBSCRIBED:
		return IMPORT_STATE_SUBSCRIBED;
	case WORD_WAITING:
		return IMPORT_STATE_REFUSED;
	case WORD_BOUNCED:
		return IMPORT_STATE_BOUNCED;
	case WORD_COMPLAINT:
		return IMPORT_STATE_COMPLAINT;
	case WORD_BLOCKED:
		return IMPORT_STATE_BLOCKED;
	case WORD_UNSUBSCRIBED:
	case WORD_UNKNOWN:
		break;
	}
	return IMPORT_STATE_UNSUBSCRIBED;
}

bool
value_is_known(struct span cell)
{
	return text_is_blank(cell) || find_word(cell) != WORD_UNKNOWN;
}

bool
value_is_stop(struct span cell)
{
	return find_word(cell) >= WORD_UNSUBSCRIBED;
}

void
import_values_guess(struct import_column *column)
{
	for (int i = 0; i < column->values && i < IMPORT_VALUES; i++) {
		column->value[i].state = value_state(column->target,
		    column->sense, span_of(column->value[i].text));
	}
}

/* True when some value shown means what the words in use do not say. */
static bool
is_changed(const struct import_column *column)
{
	for (int i = 0; i < column->values && i < IMPORT_VALUES; i++) {
		if (column->value[i].state !=
		    value_state(column->target, column->sense,
			span_of(column->value[i].text)))
			return true;
	}
	return false;
}

enum import_state
column_state(const struct import_column *column, struct span cell)
{
	struct span value = text_trim(cell);
	enum import_state state;

	for (int i = 0; i < column->values && i < IMPORT_VALUES; i++) {
		if (span_equal(value, span_of(column->value[i].text)))
			return column->value[i].state;
	}
	state = value_state(column->target, column->sense, cell);
	if (state < IMPORT_STATE_UNSUBSCRIBED && is_changed(column))
		state = IMPORT_STATE_UNSUBSCRIBED;
	return state;
}

/* ---- Codes -------------------------------------------------------------- */

static const char *const sexes[] = {"男性", "女性"};

static const char *const prefectures[] = {"北海道", "青森県", "岩手県",
    "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県",
    "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県",
    "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県",
    "島根県", "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県",
    "高知県", "福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県",
    "鹿児島県", "沖縄県"};

struct span
code_word(enum import_codes codes, struct span cell)
{
	static const struct {
		const char *const *word;
		int64_t count;
	} sets[IMPORT_CODES] = {
	    [IMPORT_CODES_SEX] = {sexes, sizeof sexes / sizeof *sexes},
	    [IMPORT_CODES_PREFECTURE] = {prefectures,
		sizeof prefectures / sizeof *prefectures},
	};
	int64_t number;

	if (!span_int(text_trim(cell), &number) || number < 1 ||
	    number > sets[codes].count)
		return (struct span){0};
	return span_of(sets[codes].word[number - 1]);
}

/* ---- Names -------------------------------------------------------------- */

static const char *const state_names[IMPORT_STATES] = {
    [IMPORT_STATE_UNSAID] = "unsaid",
    [IMPORT_STATE_SUBSCRIBED] = "subscribed",
    [IMPORT_STATE_REFUSED] = "refused",
    [IMPORT_STATE_UNSUBSCRIBED] = "unsubscribed",
    [IMPORT_STATE_BOUNCED] = "bounced",
    [IMPORT_STATE_COMPLAINT] = "complaint",
    [IMPORT_STATE_BLOCKED] = "blocked",
};

const char *
import_state_name(enum import_state state)
{
	return state_names[state];
}

enum import_state
import_state_of(struct span name)
{
	enum import_state state = IMPORT_STATE_UNSAID;

	while (state < IMPORT_STATES &&
	       !span_equal(name, span_of(state_names[state])))
		state++;
	return state;
}
