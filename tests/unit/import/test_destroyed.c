/* Destroyed text is told from text that only looks foreign. */
#include "core/import/destroyed.h"

#include "tests/unit/import/import_kit.h"

#define DATA "tests/data/import/encoding/"

/* ---- Cells ------------------------------------------------------------- */

struct cell {
	const char *text;
	enum destroyed as_text, as_name;
};

static const struct cell cells[] = {
    /* UTF-8 read as Latin-1: 山田, あ, René, don't, Müller */
    {"å±±ç\xc2\x94°", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"ã\xc2\x81\xc2\x82", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"ã‚¢ã‚¤", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"RenÃ©", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"MÃ¼ller", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"donâ€™t", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"ï¿½", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"SÃ£o JoÃ£o", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"ÐŸÑ€Ð¸Ð²ÐµÑ‚", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    {"ê¹€ì² ìˆ˜", DESTROYED_UTF8_LATIN, DESTROYED_UTF8_LATIN},
    /* CP932 read as CP1252: 山田太郎, 田中, カタカナ, ABC株式会社, ﾔﾏﾀﾞ */
    {"ŽR“c‘¾˜Y", DESTROYED_LATIN, DESTROYED_LATIN},
    {"“c’†", DESTROYED_LATIN, DESTROYED_LATIN},
    {"ƒJƒ^ƒJƒi", DESTROYED_LATIN, DESTROYED_LATIN},
    {"ABCŠ”Ž®‰ïŽÐ", DESTROYED_LATIN, DESTROYED_LATIN},
    {"ÔÏÀÞ ÀÛ³", DESTROYED_LATIN, DESTROYED_LATIN},
    {"»³ÅÄ ÂÀÏº", DESTROYED_LATIN, DESTROYED_LATIN}, /* EUC-JP */
    /* UTF-8 read as CP932: 山田 太郎, ソフト, テスト */
    {"螻ｱ逕ｰ 螟ｪ驛", DESTROYED_UTF8_CP932, DESTROYED_UTF8_CP932},
    {"繧ｽ繝輔ヨ", DESTROYED_UTF8_CP932, DESTROYED_UTF8_CP932},
    {"繝昴せ繝亥ｷ･讌ｭ", DESTROYED_UTF8_CP932, DESTROYED_UTF8_CP932},
    /* what a converter could not write */
    {"山\xef\xbf\xbd田", DESTROYED_REPLACEMENT, DESTROYED_REPLACEMENT},
    {"長い名\xef\xbf\xbd", DESTROYED_CUT, DESTROYED_CUT},
    {"?? ??", DESTROYED_QUESTION, DESTROYED_QUESTION},
    {"????", DESTROYED_QUESTION, DESTROYED_QUESTION},
    {"??????3-2-1", DESTROYED_QUESTION, DESTROYED_QUESTION},
    {"?橋 一郎", DESTROYED_NOT, DESTROYED_QUESTION},
    {"M?ller", DESTROYED_NOT, DESTROYED_QUESTION},
    {"山田??", DESTROYED_NOT, DESTROYED_QUESTION},
    {"〓橋 一郎", DESTROYED_NOT, DESTROYED_GETA},
    {"〓〓 〓", DESTROYED_GETA, DESTROYED_GETA},

    /* what people write */
    {"", DESTROYED_NOT, DESTROYED_NOT},
    {"Taro Yamada", DESTROYED_NOT, DESTROYED_NOT},
    {"山田 太郎", DESTROYED_NOT, DESTROYED_NOT},
    {"髙﨑①㈱№Ⅲ", DESTROYED_NOT, DESTROYED_NOT},
    {"ﾔﾏﾀﾞ ﾀﾛｳ", DESTROYED_NOT, DESTROYED_NOT},
    {"霞ｹ関三ﾉ宮八ﾂ橋", DESTROYED_NOT, DESTROYED_NOT},
    {"東京､大阪､京都｡", DESTROYED_NOT, DESTROYED_NOT},
    {"ポスト〒100-0001 東京都ﾁﾖﾀﾞ区", DESTROYED_NOT, DESTROYED_NOT},
    {"繧繝縁の畳", DESTROYED_NOT, DESTROYED_NOT},
    {"糸の縺れ", DESTROYED_NOT, DESTROYED_NOT},
    {"〓〓お知らせ〓〓", DESTROYED_NOT, DESTROYED_GETA},
    {"Who are you???", DESTROYED_NOT, DESTROYED_QUESTION},
    {"???  not readable", DESTROYED_NOT, DESTROYED_QUESTION},
    {"?", DESTROYED_NOT, DESTROYED_NOT},
    {"Taro (?)", DESTROYED_NOT, DESTROYED_NOT},
    {"本当ですか？？？", DESTROYED_NOT, DESTROYED_NOT},
    {"https://example.jp/?a=1&b=2", DESTROYED_NOT, DESTROYED_QUESTION},
    {"François Lenôtre", DESTROYED_NOT, DESTROYED_NOT},
    {"L’année d’été à l’École", DESTROYED_NOT, DESTROYED_NOT},
    {"« été\xc2\xa0» et « santé\xc2\xa0»", DESTROYED_NOT, DESTROYED_NOT},
    {"«blessé…» «aimé…»", DESTROYED_NOT, DESTROYED_NOT},
    {"œuvre d’art", DESTROYED_NOT, DESTROYED_NOT},
    {"voilà… déjà – café", DESTROYED_NOT, DESTROYED_NOT},
    {"Größe „Äpfel“ – 5 °C", DESTROYED_NOT, DESTROYED_NOT},
    {"Jürgen Müßig, Straße »Ä« »Ö«", DESTROYED_NOT, DESTROYED_NOT},
    {"Strauß“ und „Weiß“", DESTROYED_NOT, DESTROYED_NOT},
    {"ÄÖÜ äöü ß", DESTROYED_NOT, DESTROYED_NOT},
    {"João Conceição, IRMÃ NÃO SÃO", DESTROYED_NOT, DESTROYED_NOT},
    {"«IRMû “MAÇÔ", DESTROYED_NOT, DESTROYED_NOT},
    {"Žižka", DESTROYED_NOT, DESTROYED_NOT},
    {"Šárka Žáková", DESTROYED_NOT, DESTROYED_NOT},
    {"Škoda “A” ‘b’", DESTROYED_NOT, DESTROYED_NOT},
    {"“Hello” – “World”", DESTROYED_NOT, DESTROYED_NOT},
    {"······", DESTROYED_NOT, DESTROYED_NOT},
    {"©®™ €20", DESTROYED_NOT, DESTROYED_NOT},
    {"Ångström Ærø Ñandú", DESTROYED_NOT, DESTROYED_NOT},
    {"Привет мир", DESTROYED_NOT, DESTROYED_NOT},
    {"김철수 李小龍", DESTROYED_NOT, DESTROYED_NOT},
    {"Nguyễn Văn Ấn", DESTROYED_NOT, DESTROYED_NOT},
    {"𠮷田 😀", DESTROYED_NOT, DESTROYED_NOT},
};

static void
tells_destroyed_cells(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		struct span text = span_of(cells[i].text);
		enum destroyed as_text = destroyed_cell(text, CELL_TEXT);
		enum destroyed as_name = destroyed_cell(text, CELL_NAME);

		if (as_text == cells[i].as_text && as_name == cells[i].as_name)
			continue;
		print_error("%s: \"%s\" in a text, \"%s\" in a name\n",
		    cells[i].text, destroyed_name(as_text),
		    destroyed_name(as_name));
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* ---- Files ------------------------------------------------------------- */

static void
refuses_destroyed_files(void **state)
{
	static const struct {
		const char *file, *kind, *line;
	} files[] = {
	    {"twice.csv", "utf8_as_latin", "2"},
	    {"twice_french.csv", "utf8_as_latin", "2"},
	    {"as_latin.csv", "japanese_as_latin", "2"},
	    {"as_cp932.csv", "utf8_as_cp932", "2"},
	    {"question.csv", "question", "2"},
	    {"replacement.csv", "replacement", "2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct import *import = NULL;
		struct buf path = BUF_INIT;
		struct err err = {0};

		buf_printf(&path, DATA "%s", files[i].file);
		assert_int_equal(
		    import_open(path.ptr, NULL, &import, &err), -1);
		if (err.code != E_IMPORT_DESTROYED)
			fail_msg("%s: %s", files[i].file, err_name(err.code));
		if (strcmp(err_find(&err, "kind"), files[i].kind) != 0)
			fail_msg(
			    "%s: %s", files[i].file, err_find(&err, "kind"));
		assert_string_equal(err_find(&err, "line"), files[i].line);
		assert_true(err_find(&err, "sample")[0] != '\0');
		assert_string_equal(err_find(&err, "path"), path.ptr);
		buf_done(&path);
	}
}

/* Rows of an otherwise good file: bad ones from the first on. */
static void
rows(struct buf *out, const char *bad_name, int bad, int all)
{
	buf_clear(out);
	buf_text(out, "email,name,company\n");
	for (int i = 0; i < all; i++)
		buf_printf(out, "p%d@example.jp,%s,会社\n", i,
		    i < bad ? bad_name : "山田");
}

static void
weighs_what_is_destroyed(void **state)
{
	static const struct {
		const char *name;
		int bad, all;
		bool opens;
	} weights[] = {
	    {"RenÃ©", 2, 2, true}, /* too few: rejected one by one */
	    {"RenÃ©", 3, 11, false},
	    {"RenÃ©", 3, 13, true},
	    {"?? ??", 3, 11, false},
	    {"?? ??", 3, 13, true},
	    {"?? ??", 100, 399, false},
	    {"?? ??", 100, 500, true},
	};
	struct room *room = *state;
	struct buf data = BUF_INIT;

	for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
		struct import_counts counts = {0};
		struct import *import = NULL;
		struct err err = {0};

		rows(&data, weights[i].name, weights[i].bad, weights[i].all);
		write_file(room, buf_span(&data));
		if ((import_open(room->path.ptr, NULL, &import, &err) == 0) !=
		    weights[i].opens)
			fail_msg("%zu: %s", i, err_name(err.code));
		if (!import)
			continue;
		import_all(room, import, &counts);
		assert_int_equal(counts.rejected, weights[i].bad);
		assert_int_equal(
		    import_reject_at(import, 0)->why.code, E_IMPORT_DESTROYED);
		import_close(&import);
	}
	buf_done(&data);
}

/* Below a garbled header nothing is whole, also where a row alone could not
 * show it. */
static void
a_garbled_header_is_enough(void **state)
{
	static const struct {
		const char *text, *kind;
	} files[] = {
	    {"email,繝｡繝ｼ繝ｫ\na@example.jp,x\n", "utf8_as_cp932"},
	    {"email,PrÃ©nom\na@example.jp,x\n", "utf8_as_latin"},
	    {"email,Prénom\na@example.jp,x\n", ""},
	    {"email,出席?\na@example.jp,x\n", ""},
	};
	struct room *room = *state;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct import *import = NULL;
		struct err err = {0};

		write_file(room, span_of(files[i].text));
		if (import_open(room->path.ptr, NULL, &import, &err) < 0) {
			assert_int_equal(err.code, E_IMPORT_DESTROYED);
			assert_string_equal(err_find(&err, "line"), "1");
		}
		assert_string_equal(err_find(&err, "kind"), files[i].kind);
		import_close(&import);
	}
}

static void
takes_french_and_german(void **state)
{
	struct room *room = *state;
	struct import_counts counts = {0};
	struct import *import = NULL;
	struct err err = {0};

	assert_ok(
	    import_open(DATA "latin_utf8.csv", NULL, &import, &err), &err);
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 4);
	import_close(&import);
}

/* Mailchimp cuts at 255 octets: the rows are rejected, the others come in. */
static void
rejects_cells_cut_in_half(void **state)
{
	struct room *room = *state;
	struct import_counts counts = {0};
	struct import *import = NULL;
	struct err err = {0};

	assert_ok(import_open(DATA "cut.csv", NULL, &import, &err), &err);
	assert_int_equal(import_charset_used(import), IMPORT_UTF8);
	import_all(room, import, &counts);
	assert_int_equal(counts.fresh, 4);
	assert_int_equal(counts.rejected, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct import_reject *reject =
		    import_reject_at(import, i);

		assert_int_equal(reject->why.code, E_IMPORT_DESTROYED);
		assert_string_equal(err_find(&reject->why, "kind"), "cut");
		assert_int_equal(reject->line, 6 + (int)i);
	}
	import_close(&import);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tells_destroyed_cells),
	    cmocka_unit_test(refuses_destroyed_files),
	    cmocka_unit_test_setup_teardown(
		weighs_what_is_destroyed, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		a_garbled_header_is_enough, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		takes_french_and_german, setup, teardown),
	    cmocka_unit_test_setup_teardown(
		rejects_cells_cut_in_half, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
