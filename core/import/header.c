/* The words in use over columns, in the files of Japanese and English programs.
 *
 * Headers are compared after the part of NFKC that is met in headers: width,
 * kana with their marks, and the small table below of signs that stand for
 * letters.  The whole of NFKC would be a library of its own for signs that no
 * office writes over a column. */
#include "core/import/header.h"

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/base/words.h"

/* ---- Comparing ---------------------------------------------------------- */

/* Signs that NFKC writes in several letters; circled numbers are computed. */
static const char *
compatible(uint32_t cp)
{
	static const struct {
		uint32_t cp;
		const char *text;
	} signs[] = {{0x2121, "tel"}, {0x213b, "fax"}, {0x2116, "no"},
	    {0x3231, "(株)"}, {0x3232, "(有)"}, {0x3012, "〒"}, {0x2460, "1"},
	    {0x2461, "2"}, {0x2462, "3"}, {0x2463, "4"}, {0x2464, "5"},
	    {0x2465, "6"}, {0x2466, "7"}, {0x2467, "8"}, {0x2468, "9"},
	    {0x2160, "i"}, {0x2161, "ii"}, {0x2162, "iii"}, {0x3010, "("},
	    {0x3011, ")"}, {0x3014, "("}, {0x3015, ")"}, {0x300c, "("},
	    {0x300d, ")"}, {'[', "("}, {']', ")"}};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (signs[i].cp == cp)
			return signs[i].text;
	}
	return NULL;
}

/* Signs between words, which one program writes and the next leaves out. */
static bool
is_strewn(uint32_t cp)
{
	return cp <= ' ' || cp == 0x3000 || cp == 0xa0 || cp == '-' ||
	       cp == '_' || cp == '.' || cp == ':' || cp == '*' ||
	       cp == 0x203b || (cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 ||
	       cp == 0xfeff || cp == 0x200b || cp == 0x30fb;
}

void
header_fold(struct span text, struct buf *out)
{
	uint32_t cp, before = 0;

	while (fold_next(&text, &cp)) {
		const char *more = compatible(cp);

		/* The long vowel is also typed for a hyphen: eーmail. */
		if (cp == 0x30fc && before < 0x80)
			continue;
		if (more)
			buf_text(out, more);
		else if (!is_strewn(cp))
			buf_utf8(out, cp);
		if (!is_strewn(cp))
			before = cp;
	}
}

/* A reading is another column than what it reads: 氏名(カナ). */
static bool
tells_reading(struct span folded)
{
	static const char *const words[] = {"カナ", "かな", "ガナ", "がな",
	    "ヨミ", "よみ", "読み", "ローマ字", "kana"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (span_search(folded, span_of(words[i])) < folded.len)
			return true;
	}
	return false;
}

/* The folded header without a remark in brackets at either end. */
static struct span
without_remark(struct span folded)
{
	size_t open = span_index(folded, '('), close = span_index(folded, ')');

	if (tells_reading(folded))
		return folded;
	if (open > 0 && close + 1 >= folded.len)
		return span_slice(folded, 0, open);
	if (open == 0 && close < folded.len)
		return span_slice(folded, close + 1, folded.len);
	return folded;
}

bool
header_is(struct span header, const char *word)
{
	struct buf folded = BUF_INIT;
	struct span whole;
	bool same;

	header_fold(header, &folded);
	whole = buf_span(&folded);
	same = span_equal(whole, span_of(word)) ||
	       span_equal(without_remark(whole), span_of(word));
	buf_done(&folded);
	return same;
}

/* ---- The words ---------------------------------------------------------- */

enum kind {
	KIND_ADDRESS,
	KIND_ADDRESS_MAYBE, /* a postal address has the same name */
	KIND_NAME,
	KIND_FAMILY,
	KIND_GIVEN,
	KIND_STATE_MAY,
	KIND_STATE_MAYBE, /* a state, if all its values are */
	KIND_STATE_STOP,
	KIND_STATE_BOUNCE,
	KIND_STATE_BLOCK,
	KIND_AGREED,
	KIND_AGREED_AT,
	KIND_CONFIRMED_AT,
	KIND_STOPPED_AT,
	KIND_IP,
	KIND_HOW,
	KIND_PAPER,
	KIND_TAGS,
	KIND_JSON_MAYBE, /* an object, if all its cells are */
	KIND_POSTAL,
	KINDS
};

/* Folded, separated by spaces, the best of a kind first. */
static const char *const words[KINDS] = {
    [KIND_ADDRESS] = "email emailaddress メールアドレス mailaddress mail "
		     "メール eメール eメールアドレス 電子メール "
		     "電子メールアドレス eメイル メイル メイルアドレス "
		     "mailaddr emailaddr emailaddress1 email1value email1 "
		     "pcメール pcメールアドレス pcmail pcemail メール1 "
		     "メールアドレス1 電子メール1アドレス 会社メール "
		     "会社メールアドレス 携帯メール 携帯メールアドレス "
		     "モバイルメール mobilemail mobileemail email2value email2 "
		     "email2address メール2 メールアドレス2 "
		     "電子メール2アドレス email3value email3address "
		     "電子メール3アドレス",
    [KIND_ADDRESS_MAYBE] = "アドレス address",
    [KIND_NAME] = "name fullname 氏名 お名前 名前 宛名 会員名 会員氏名 顧客名 "
		  "顧客氏名 担当者名 担当者氏名 ご担当者名 ご氏名 displayname "
		  "contactname 表示名",
    [KIND_FAMILY] =
	"姓 苗字 名字 氏 lastname familyname surname お名前姓 氏名姓 "
	"お名前(姓) 氏名(姓)",
    [KIND_GIVEN] = "名 firstname givenname お名前名 氏名名 お名前(名) 氏名(名)",
    [KIND_STATE_MAY] = "配信可否 配信許可 配信希望 配信状態 配信状況 "
		       "配信ステータス 配信フラグ メール配信 メール配信可否 "
		       "メール配信希望 メルマガ配信 メルマガ希望 メルマガ購読 "
		       "メールマガジン メルマガ dm可否 購読状態 受信可否 "
		       "受信希望 subscribed subscriptionstatus emailstatus "
		       "memberstatus",
    [KIND_STATE_MAYBE] = "status state ステータス 状態 状況 会員状態",
    [KIND_STATE_STOP] =
	"配信停止 配信停止フラグ 配信停止希望 配信拒否 受信拒否 "
	"メール配信停止 メルマガ停止 配信解除 配信不可 配信不要 "
	"停止 停止フラグ 解除 解除フラグ 退会 退会フラグ "
	"購読解除 unsubscribed unsubscribe optout optedout "
	"emailoptout donotcontact donotemail donotmail dnc",
    [KIND_STATE_BOUNCE] = "bounced 不達 不達フラグ エラー停止 hardbounce "
			  "hardbounced",
    [KIND_STATE_BLOCK] = "blacklisted blocklisted blocked suppressed "
			 "ブラックリスト 配信禁止",
    [KIND_AGREED] = "同意 同意有無 同意の有無 同意可否 承諾 許諾 配信同意 "
		    "メール同意 メルマガ同意 メール配信同意 個人情報同意 "
		    "オプトイン consent consented agreed optin optedin "
		    "gdprconsent emailconsent",
    [KIND_AGREED_AT] = "同意日 同意日時 承諾日 承諾日時 オプトイン日 "
		       "オプトイン日時 登録日 登録日時 申込日 申込日時 入会日 "
		       "consentdate consenttime consentat consentedat agreedat "
		       "optintime optindate optinat subscribedat "
		       "subscribedate subscriptiondate dateofconsent",
    [KIND_CONFIRMED_AT] =
	"確認日 確認日時 本登録日 本登録日時 認証日時 "
	"confirmtime confirmdate confirmedat confirmationdate "
	"doubleoptinat",
    [KIND_STOPPED_AT] = "解除日 解除日時 停止日 停止日時 配信停止日 "
			"配信停止日時 配信解除日 配信解除日時 退会日 退会日時 "
			"unsubscribedat unsubtime unsubscribedate "
			"unsubscribetime optouttime optoutdate optoutat "
			"cleantime bouncetime bouncedat 不達日 不達日時",
    [KIND_IP] = "ip ipaddress optinip confirmip signupip consentip 登録ip "
		"同意ip ipアドレス 登録ipアドレス 同意ipアドレス",
    [KIND_HOW] = "同意方法 同意経路 登録経路 取得経路 取得方法 登録方法 "
		 "consentsource consenttext optinsource signupsource",
    [KIND_PAPER] = "書面番号 申込書番号 用紙番号 同意書番号 書面保管先 "
		   "paperreference",
    [KIND_TAGS] = "tags tag タグ labels ラベル",
    [KIND_JSON_MAYBE] = "attributes data attribs customattributes",
    [KIND_POSTAL] = "郵便番号 〒 〒番号 郵便",
};

static const struct header_word kinds[KINDS] = {
    [KIND_ADDRESS] = {.target = IMPORT_ADDRESS},
    [KIND_ADDRESS_MAYBE] = {.target = IMPORT_ADDRESS, .doubtful = true},
    [KIND_NAME] = {.target = IMPORT_NAME},
    [KIND_FAMILY] = {.target = IMPORT_NAME, .part = HEADER_FAMILY},
    [KIND_GIVEN] = {.target = IMPORT_NAME, .part = HEADER_GIVEN},
    [KIND_STATE_MAY] = {.target = IMPORT_STATE, .sense = IMPORT_SENSE_MAY},
    [KIND_STATE_MAYBE] = {.target = IMPORT_STATE, .doubtful = true},
    [KIND_STATE_STOP] = {.target = IMPORT_STATE, .sense = IMPORT_SENSE_STOP},
    [KIND_STATE_BOUNCE] = {.target = IMPORT_STATE,
	.sense = IMPORT_SENSE_BOUNCE},
    [KIND_STATE_BLOCK] = {.target = IMPORT_STATE, .sense = IMPORT_SENSE_BLOCK},
    [KIND_AGREED] = {.target = IMPORT_AGREED},
    [KIND_AGREED_AT] = {.target = IMPORT_AGREED_AT},
    [KIND_CONFIRMED_AT] = {.target = IMPORT_CONFIRMED_AT},
    [KIND_STOPPED_AT] = {.target = IMPORT_STOPPED_AT},
    [KIND_IP] = {.target = IMPORT_AGREED_IP},
    [KIND_HOW] = {.target = IMPORT_AGREED_HOW},
    [KIND_PAPER] = {.target = IMPORT_PAPER},
    [KIND_TAGS] = {.target = IMPORT_TAGS},
    [KIND_JSON_MAYBE] = {.target = IMPORT_JSON, .doubtful = true},
    [KIND_POSTAL] = {.target = IMPORT_FIELD, .postal = true},
};

/* The place of a word among those of a kind, or -1. */
static int
rank_of(enum kind kind, struct span folded)
{
	struct span rest = span_of(words[kind]);

	for (int rank = 0; rest.len > 0; rank++) {
		if (span_equal(span_cut(&rest, ' '), folded))
			return rank;
	}
	return -1;
}

static bool
find_word(struct span folded, struct header_word *out)
{
	for (enum kind kind = 0; folded.len && kind < KINDS; kind++) {
		int rank = rank_of(kind, folded);

		if (rank < 0)
			continue;
		*out = kinds[kind];
		out->rank = rank + (kinds[kind].doubtful ? 100 : 0);
		return true;
	}
	return false;
}

bool
header_word(struct span header, struct header_word *out)
{
	struct buf folded = BUF_INIT;
	bool found;

	header_fold(header, &folded);
	found = find_word(buf_span(&folded), out) ||
		find_word(without_remark(buf_span(&folded)), out);
	buf_done(&folded);
	return found;
}
