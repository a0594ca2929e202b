/* The items are those that Japan's Personal Information Protection Commission
 * asks for in a report of a leak (rules of enforcement, article 8), in its
 * order; both languages stand here side by side, because the sheet holds both
 * whatever the language of the screen is. */
#include "tui/text/sheet.h"

#include "tui/text/format.h"

enum half { HALF_JA, HALF_EN, HALVES };

/* A sentence in both languages. */
struct pair {
	const char *text[HALVES];
};

static const char blank[] = "____________________________";

static void
head(struct buf *out, enum half half, int number, struct pair title)
{
	buf_printf(out, "\n%d. %s\n", number, title.text[half]);
}

static void
item(struct buf *out, enum half half, struct pair label, struct span value)
{
	buf_printf(out, "   %s: ", label.text[half]);
	if (!value.len)
		buf_text(out, blank);
	while (value.len) {
		buf_add(out, span_trim(span_cut(&value, '\n')));
		if (value.len)
			buf_text(out, ", ");
	}
	buf_char(out, '\n');
}

static void
item_time(struct buf *out, enum half half, struct pair label, int64_t at_ms)
{
	struct buf text = BUF_INIT;

	if (at_ms)
		format_minute(&text, at_ms);
	item(out, half, label, buf_span(&text));
	buf_done(&text);
}

static void
item_count(struct buf *out, enum half half, struct pair label, int64_t count)
{
	struct buf text = BUF_INIT;

	format_count(&text, count);
	item(out, half, label, buf_span(&text));
	buf_done(&text);
}

static void
add_blank(struct buf *out, enum half half, struct pair label)
{
	item(out, half, label, SPAN(""));
}

/* ---- Parts -------------------------------------------------------------------- */

static void
add_reporter(
    const struct correction_facts *facts, enum half half, struct buf *out)
{
	head(out, half, 0, (struct pair){{"報告者", "Who reports"}});
	item(out, half, (struct pair){{"名称", "Name"}},
	    buf_span(&facts->organisation));
	item(out, half, (struct pair){{"住所", "Address"}},
	    buf_span(&facts->postal));
	item(out, half, (struct pair){{"連絡先", "Contact"}},
	    buf_span(&facts->contact));
	add_blank(out, half,
	    (struct pair){{"担当者の氏名・部署", "Person in charge"}});
}

static void
add_overview(
    const struct correction_facts *facts, enum half half, struct buf *out)
{
	head(out, half, 1, (struct pair){{"概要", "Overview"}});
	item(out, half, (struct pair){{"配信名", "Campaign"}},
	    buf_span(&facts->campaign));
	item(out, half, (struct pair){{"件名", "Subject"}},
	    buf_span(&facts->subject));
	item_time(out, half,
	    (struct pair){{"発生日時（最初の送信）",
		"Date of the incident (first mail)"}},
	    facts->figures.first_ms);
	item_time(out, half, (struct pair){{"最後の送信", "Last mail"}},
	    facts->figures.last_ms);
	add_blank(out, half, (struct pair){{"発覚日時", "Date of discovery"}});
	add_blank(
	    out, half, (struct pair){{"発覚の経緯", "How it was discovered"}});
	item(out, half, (struct pair){{"配信を開始した者", "Launched by"}},
	    span_of(facts->by));
	item(out, half,
	    (struct pair){{"送信内容の識別値（SHA-256）",
		"Digest of what was sent (SHA-256)"}},
	    span_of(facts->digest));
}

/* Name and address are always part of a mail that was merged and sent. */
static void
add_kinds(const struct correction_facts *facts, enum half half, struct buf *out)
{
	struct buf fields = BUF_INIT;

	head(out, half, 2,
	    (struct pair){{"漏えい等が発生し、又は発生したおそれがある"
			   "個人データの項目",
		"Kinds of personal data concerned"}});
	buf_text(&fields, half == HALF_JA ? "メールアドレス" : "mail address");
	for (int i = 0; i < facts->fields; i++) {
		buf_text(&fields, half == HALF_JA ? "、" : ", ");
		buf_add(&fields, buf_span(&facts->field[i]));
	}
	item(out, half,
	    (struct pair){{"宛先と差し込み項目", "Address and merge fields"}},
	    buf_span(&fields));
	add_blank(out, half,
	    (struct pair){{"要配慮個人情報の有無", "Sensitive data"}});
	add_blank(out, half,
	    (struct pair){
		{"本文にあるその他の項目", "Other data in the text"}});
	buf_done(&fields);
}

static void
add_persons(
    const struct correction_facts *facts, enum half half, struct buf *out)
{
	static const struct pair states[LEDGER_STATES] = {
	    [LEDGER_PLANNED] = {{"未送信", "planned, not sent"}},
	    [LEDGER_CLAIMED] = {{"準備中", "about to be sent"}},
	    [LEDGER_HANDED] = {{"引き渡し中", "being handed over"}},
	    [LEDGER_ACCEPTED] = {{"中継サーバが受理（到達は不明）",
		"accepted by the relay (arrival is not known)"}},
	    [LEDGER_DEFERRED] = {{"一時的に拒否", "refused for now"}},
	    [LEDGER_FAILED] = {{"拒否（送信されず）", "refused, not sent"}},
	    [LEDGER_IN_DOUBT] = {{"送信されたか不明", "in doubt"}},
	    [LEDGER_WITHHELD] = {{"送信を見合わせ", "withheld"}},
	    [LEDGER_CANCELLED] = {{"中止（送信されず）", "cancelled"}},
	};

	head(out, half, 3,
	    (struct pair){{"漏えい等が発生し、又は発生したおそれがある"
			   "個人データに係る本人の数",
		"Number of persons concerned"}});
	item_count(out, half, (struct pair){{"本人の数", "Persons"}},
	    facts->figures.persons);
	for (int i = 0; i < LEDGER_STATES; i++) {
		if (facts->figures.count[i])
			item_count(
			    out, half, states[i], facts->figures.count[i]);
	}
	item_count(out, half,
	    (struct pair){{"うち中継サーバまで平文で送信",
		"of these, to the relay without encryption"}},
	    facts->figures.without_tls);
}

static void
add_open_items(enum half half, struct buf *out)
{
	static const struct {
		struct pair title, label;
	} items[] = {
	    {{{"原因", "Cause"}}, {{"原因", "Cause"}}},
	    {{{"二次被害又はそのおそれの有無及びその内容",
		 "Secondary damage, or the risk of it"}},
		{{"有無と内容", "Whether, and what"}}},
	    {{{"本人への対応の実施状況", "What was done for the persons"}},
		{{"通知の日時・方法・件数", "Notified when, how, how many"}}},
	    {{{"公表の実施状況", "Publication"}},
		{{"公表の有無・方法・時期", "Whether, how, when"}}},
	    {{{"再発防止のための措置", "Measures against a repetition"}},
		{{"実施済みと予定", "Done and planned"}}},
	    {{{"その他参考となる事項", "Other matters"}},
		{{"他の機関への報告など", "Reports to others"}}},
	};

	for (int i = 0; i < (int)(sizeof items / sizeof *items); i++) {
		head(out, half, 4 + i, items[i].title);
		add_blank(out, half, items[i].label);
	}
}

static void
add_half(const struct correction_facts *facts, int64_t now_ms, enum half half,
    struct buf *out)
{
	static const struct pair title = {
	    {"誤送信に関する事実の記録（漏えい等報告の下書き）",
		"Record of facts about a mis-send (draft for a report)"}};
	static const struct pair note = {
	    {"配信の記録から作成したものであり、法的な助言ではありません。"
	     "下線の箇所を補ってください。\n"
	     "速報は事態を知った時からおおむね３～５日以内、確報は30日以内"
	     "（不正の目的によるおそれがある場合は60日以内）が目安です。",
		"Made from the record of the delivery; it is no legal advice. "
		"Fill in the blanks.\n"
		"In Japan a first report is due within about 3 to 5 days of "
		"learning of it, the full one\nwithin 30 days (60 where a "
		"wrongful purpose is suspected)."}};

	buf_printf(out, "%s\n\n%s\n", title.text[half], note.text[half]);
	item_time(out, half, (struct pair){{"作成日時", "Written"}}, now_ms);
	add_reporter(facts, half, out);
	add_overview(facts, half, out);
	add_kinds(facts, half, out);
	add_persons(facts, half, out);
	add_open_items(half, out);
}

void
sheet_text(
    const struct correction_facts *facts, int64_t now_ms, struct buf *out)
{
	add_half(facts, now_ms, HALF_JA, out);
	buf_text(out, "\n\n");
	add_half(facts, now_ms, HALF_EN, out);
}
