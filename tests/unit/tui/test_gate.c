/* Nothing foreign gets through the gate: named cases, then a corpus of hostile
 * pieces put together in all pairs and by a fixed pseudo-random walk. */
#include "tests/unit/unit.h"

#include "core/base/utf8.h"
#include "tui/canvas.h"
#include "tui/text/gate.h"

static const struct {
	const char *in, *out;
} cases[] = {
    {"", ""}, {"plain", "plain"}, {"山田 太郎", "山田 太郎"},
    {"a\tb\nc\r", "a^Ib^Jc^M"}, {"\x1b]0;x\x07", "^[]0;x^G"}, {"\x7f", "^?"},
    {"\xc2\x9b"
     "2J",
	"<9B>2J"},
    {"\x9b"
     "2J",
	"\xef\xbf\xbd"
	"2J"},
    {"\xe3\x81", "\xef\xbf\xbd"},
    {"a\xe2\x80\xae"
     "b",
	"a⚠b"}, /* RLO */
    {"a\xe2\x80\x8b\xe2\x80\x8c\xef\xbb\xbf"
     "b",
	"a⚠b"},
    {"\xee\x80\x80", "\xef\xbf\xbd"}, /* private use */
    {"a\xe2\x80\xa8"
     "b",
	"a b"},                           /* line separator */
    {"か\xe3\x82\x99", "か\xe3\x82\x99"}, /* a mark stays */
    {"\xcc\x81"
     "a",
	"⚠a"}, /* a mark on nothing */
    {"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
	"e\xcc\x81\xcc\x81\xcc\x81\xcc\x81⚠"},
    {"a\xc2\xad"
     "b",
	"a⚠b"},                       /* soft hyphen */
    {"\xf3\xa0\x81\x81", "⚠"},        /* tag */
    {"葛\xf3\xa0\x84\x80", "葛⚠"},    /* variation selector */
    {"\xef\xbf\xbf", "\xef\xbf\xbd"}, /* no character */
};

static void
named_cases(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&out);
		ui_text(&out, span_of(cases[i].in));
		if (!span_equal(buf_span(&out), span_of(cases[i].out)))
			fail_msg("case %zu: got \"%.*s\"", i,
			    SPAN_ARG(buf_span(&out)));
		assert_int_equal(ui_width(span_of(cases[i].in)),
		    utf8_width(span_of(cases[i].out)));
	}
	buf_done(&out);
}

static void
raw_view_spells(void **state)
{
	struct span rest = SPAN("\xe2\x80\xae\xe2\x80\x8b");
	struct gate_piece piece;

	(void)state;
	assert_int_equal(gate_next(&rest, GATE_RAW, &piece), GATE_HIDDEN);
	assert_string_equal(piece.text, "<202E>");
	assert_int_equal(piece.width, 6);
	assert_int_equal(gate_next(&rest, GATE_RAW, &piece), GATE_HIDDEN);
	assert_string_equal(piece.text, "<200B>");
	assert_int_equal(gate_next(&rest, GATE_RAW, &piece), GATE_END);
}

/* True for what may never come out. */
static bool
is_forbidden(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0xad ||
	       (cp >= 0x200b && cp <= 0x200f) ||
	       (cp >= 0x202a && cp <= 0x202e) ||
	       (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	       (cp >= 0xe000 && cp <= 0xf8ff) ||
	       (cp >= 0xfe00 && cp <= 0xfe0f) || cp >= 0xe0000;
}

static void
check_safe(struct span in)
{
	struct buf out = BUF_INIT;
	struct span rest;
	uint32_t cp;
	int marks = 0;

	ui_text(&out, in);
	rest = buf_span(&out);
	assert_true(utf8_is_valid(rest));
	assert_int_equal(utf8_width(rest), ui_width(in));
	while (utf8_next(&rest, &cp)) {
		marks = utf8_is_mark(cp) ? marks + 1 : 0;
		if (is_forbidden(cp) || marks > 4)
			fail_msg("U+%04X came out", (unsigned)cp);
	}
	buf_done(&out);
}

static const char *const hostile[] = {
    "\x1b",
    "\x1b[31m",
    "\x1b]52;c;AAAA\x07",
    "\x1b]8;;http://x\x1b\\",
    "\x1bP",
    "\x90",
    "\xc2\x90",
    "\x9d",
    "\r",
    "\n",
    "\b\b\b",
    "\xe2\x80\xae",
    "\xe2\x80\x8f",
    "\xe2\x81\xa6",
    "\xe2\x80\x8b",
    "\xef\xbb\xbf",
    "\xc2\xad",
    "\xcc\x81",
    "\xe3\x82\x99",
    "\xef\xb8\x8f",
    "\xf3\xa0\x80\xa0",
    "\xf4\x8f\xbf\xbf",
    "\xee\x80\x80",
    "\xed\xa0\x80",
    "\xc0\x80",
    "\xff\xfe",
    "\xe3\x81",
    "\xf0\x9f\x98",
    "あ",
    "a",
    "ｱﾞ",
    "\xd7\x90",
    "1",
    "@",
    "😀",
    "\xf0\x9f\x91\xa8\xe2\x80\x8d",
    "\xe1\x85\xa0",
    "\xe3\x85\xa4",
    "\xe2\xa0\x80",
};
enum { HOSTILE_COUNT = sizeof hostile / sizeof *hostile };

static void
hostile_pairs_are_safe(void **state)
{
	struct buf in = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < HOSTILE_COUNT; i++) {
		for (size_t j = 0; j < HOSTILE_COUNT; j++) {
			buf_clear(&in);
			buf_text(&in, hostile[i]);
			buf_text(&in, hostile[j]);
			check_safe(buf_span(&in));
		}
	}
	buf_done(&in);
}

/* Cells stay cells: whatever is drawn, no row grows. */
static void
hostile_walk_stays_in_its_cells(void **state)
{
	struct canvas *canvas = canvas_new(2, 20);
	struct buf in = BUF_INIT, dump = BUF_INIT;
	uint32_t random = 12345;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		struct span rest, line;

		buf_clear(&in);
		buf_clear(&dump);
		for (int i = 0; i < 12; i++) {
			random = random * 1664525 + 1013904223;
			buf_text(&in, hostile[(random >> 16) % HOSTILE_COUNT]);
		}
		check_safe(buf_span(&in));
		canvas_clear(canvas);
		draw_text(canvas_area(canvas), 0, (int)(random % 24) - 2,
		    ROLE_TEXT, buf_span(&in));
		canvas_dump(canvas, &dump);
		rest = buf_span(&dump);
		line = span_cut(&rest, '\n');
		assert_true(utf8_width(line) <= 20);
		assert_span_equal(span_cut(&rest, '\n'), "");
		assert_int_equal(rest.len, 0);
	}
	canvas_free(&canvas);
	buf_done(&in);
	buf_done(&dump);
}

static void
ten_thousand_marks(void **state)
{
	struct buf in = BUF_INIT;

	(void)state;
	buf_char(&in, 'a');
	for (int i = 0; i < 10000; i++)
		buf_text(&in, "\xcc\x81");
	check_safe(buf_span(&in));
	assert_int_equal(ui_width(buf_span(&in)), 2);
	buf_done(&in);
}

static const struct {
	void (*cut)(struct buf *, struct span, int);
	const char *in;
	int cells;
	const char *out;
} cuts[] = {
    {ui_cut_end, "short", 5, "short"},
    {ui_cut_end, "longer", 5, "long~"},
    {ui_cut_end, "あいうえ", 6, "あい~"},
    {ui_cut_end, "x", 0, ""},
    {ui_cut_middle, "abcdefgh", 5, "ab~gh"},
    {ui_cut_address, "yamada.taro@example.co.jp", 24,
	"yamada.ta~@example.co.jp"},
    {ui_cut_address, "yamada@example.co.jp", 30, "yamada@example.co.jp"},
    {ui_cut_address, "y@a.very.long.domain.example", 12, "y@a~.example"},
};

static void
cutting_keeps_what_matters(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		buf_clear(&out);
		cuts[i].cut(&out, span_of(cuts[i].in), cuts[i].cells);
		if (utf8_width(buf_span(&out)) > cuts[i].cells ||
		    !span_equal(buf_span(&out), span_of(cuts[i].out)))
			fail_msg("case %zu: got \"%.*s\"", i,
			    SPAN_ARG(buf_span(&out)));
	}
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(named_cases),
	    cmocka_unit_test(raw_view_spells),
	    cmocka_unit_test(hostile_pairs_are_safe),
	    cmocka_unit_test(hostile_walk_stays_in_its_cells),
	    cmocka_unit_test(ten_thousand_marks),
	    cmocka_unit_test(cutting_keeps_what_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
