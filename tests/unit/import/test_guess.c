/* What columns are, from their headers and first rows. */
#include "tests/unit/import/columns_kit.h"

#include "core/import/header.h"

static const char targets[] = "-ANFSYdciwpxtj";

/* One sign a column: its target. */
static const char *
signs_of(const struct table *table)
{
	static char signs[KIT_COLUMNS + 1];

	for (size_t i = 0; i < table->count; i++)
		signs[i] = targets[table->column[i].target];
	signs[table->count] = '\0';
	return signs;
}

static void
headers_are_compared_folded(void **state)
{
	static const struct {
		const char *header, *folded;
	} cases[] = {
	    {"E-Mail", "email"},
	    {"ｅ－ｍａｉｌ", "email"},
	    {"Ｅ‐Mail", "email"},
	    {"eーmail", "email"},
	    {"E mail_address", "emailaddress"},
	    {"メール アドレス", "メールアドレス"},
	    {"ﾒｰﾙｱﾄﾞﾚｽ", "メールアドレス"},
	    {"※お名前", "お名前"},
	    {"℡", "tel"},
	    {"ＴＥＬ", "tel"},
	    {"会員№", "会員no"},
	    {"㈱名", "(株)名"},
	    {"住所①", "住所1"},
	    {"E-mail 1 - Value", "email1value"},
	    {"お名前【必須】", "お名前(必須)"},
	};
	struct buf folded = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&folded);
		header_fold(span_of(cases[i].header), &folded);
		assert_span_equal(buf_span(&folded), cases[i].folded);
	}
	buf_done(&folded);
	assert_true(
	    header_is(SPAN("メールアドレス（必須）"), "メールアドレス"));
	assert_true(header_is(SPAN("[必須] 氏名"), "氏名"));
	assert_false(header_is(SPAN("氏名（カナ）"), "氏名"));
	assert_false(header_is(SPAN("氏名"), "お名前"));
}

static void
words_say_what_a_column_is(void **state)
{
	static const struct {
		const char *text, *targets;
	} cases[] = {
	    {"email,name\n", "AN"},
	    {"mail\n", "A"},
	    {"emailaddress,full name\n", "AN"},
	    {"Ｅメール,宛名\n", "AN"},
	    {"お名前,アドレス\nx,a@example.jp\n", "NA"},
	    {"address,email\nTokyo,a@example.jp\n", "FA"},
	    {"address,name\na@example.jp,x\n", "AN"},
	    {"住所,address\nTokyo,Chiyoda\n", "FF"},
	    {"連絡先\na@example.jp\n", "A"},
	    {"苗字,名,メール\n", "NNA"},
	    {"姓,名,氏名,メール\n", "FFNA"},
	    {"姓(カナ),姓,名,メール\n", "FNNA"},
	    {"氏名（フリガナ）,氏名,メール\n", "FNA"},
	    {"セイ,メイ,フリガナ,ふりがな,メール\n", "FFFFA"},
	    {"会社名,企業名,法人名,団体名,部署,部課,役職,電話番号,TEL,"
	     "郵便番号,〒,住所,都道府県,生年月日,性別,会員番号,顧客ID,備考,"
	     "メールアドレス\n",
		"FFFFFFFFFFFFFFFFFFA"},
	    {"PCメール,携帯メール\na@example.jp,b@example.jp\n", "AF"},
	    {"携帯メール,PCメール\na@example.jp,b@example.jp\n", "FA"},
	    {"PCメール,携帯メール\n,b@example.jp\n", "FA"},
	    {"メール,配信停止,配信可否,同意\n", "ASSY"},
	    {"メール,登録日,登録日時,解除日,確認日時\n", "Addxc"},
	    {"メール,登録日\na@example.jp,未定\n", "AF"},
	    {"メール,登録日\na@example.jp,2025/4/2\n", "Ad"},
	    {"メール,IPアドレス,登録経路,申込書番号,タグ\n", "Aiwpt"},
	    {"email,status\na@example.jp,active\nb@example.jp,inactive\n",
		"AS"},
	    {"email,status\na@example.jp,gold\n", "AF"},
	    {"email,status\na@example.jp,gold\nb@example.jp,Unsubscribed\n",
		"AS"},
	    {"メール,状態\na@example.jp,入荷待ち\nb@example.jp,退会\n", "AS"},
	    {"email,status\na@example.jp,gold\nb@example.jp,no\n", "AF"},
	    {"email,status\n", "AF"},
	    {"email,attributes\na@example.jp,{}\n", "Aj"},
	    {"email,attributes\na@example.jp,blue\n", "AF"},
	    {"email,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,TAGS\n",
		"Adicit"},
	    {"Email Address,CLEAN_TIME\n", "Ax"},
	    {"email,,x\n", "A-F"},
	    {"氏名,メール,連絡先\nx,○,a@example.jp\ny,,b@example.jp\n", "NFA"},
	    {"メールアドレス,氏名\n山田,a@example.jp\n", "FA"},
	    {"メールアドレス,備考\n,a@example.jp\n", "AF"},
	};
	struct table table;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		table_guess(&table, cases[i].text);
		if (strcmp(signs_of(&table), cases[i].targets))
			fail_msg("%s: %s instead of %s", cases[i].text,
			    signs_of(&table), cases[i].targets);
		table_done(&table);
	}
}

static void
other_addresses_are_offered(void **state)
{
	struct table table;
	size_t index[2] = {9, 9};

	(void)state;
	table_guess(&table, "PCメール,氏名,携帯メール,会社メール\n"
			    "a@example.jp,x,b@example.com,ｃ＠example.com\n"
			    ",y,d@example.com,\n");
	assert_int_equal(
	    import_address_columns(table.column, table.count, index, 2), 3);
	assert_int_equal(index[0], 0);
	assert_int_equal(index[1], 2);
	assert_int_equal(table.column[0].target, IMPORT_ADDRESS);
	assert_string_equal(table.column[2].field, "携帯メール");
	table_done(&table);
}

static void
values_are_told_with_a_meaning(void **state)
{
	struct table table;
	struct buf text = BUF_INIT;

	(void)state;
	table_guess(&table, "メール,配信停止\n"
			    "a@example.jp,\nb@example.jp,1\nc@example.jp,\n"
			    "d@example.jp,保留\ne@example.jp, 1\n");
	assert_int_equal(table.column[1].values, 3);
	assert_string_equal(table.column[1].value[0].text, "");
	assert_int_equal(table.column[1].value[0].rows, 2);
	assert_int_equal(table.column[1].value[0].state, IMPORT_STATE_UNSAID);
	assert_string_equal(table.column[1].value[1].text, "1");
	assert_int_equal(table.column[1].value[1].rows, 2);
	assert_int_equal(
	    table.column[1].value[1].state, IMPORT_STATE_UNSUBSCRIBED);
	assert_string_equal(table.column[1].value[2].text, "保留");
	assert_int_equal(
	    table.column[1].value[2].state, IMPORT_STATE_UNSUBSCRIBED);
	table_done(&table);
	/* a column with many values is none of states */
	buf_text(&text, "email,status\n");
	for (int i = 0; i <= IMPORT_VALUES; i++)
		buf_printf(&text, "p%d@example.jp,s%d\n", i, i);
	table_guess(&table, text.ptr);
	assert_int_equal(table.column[1].values, IMPORT_VALUES + 1);
	assert_int_equal(table.column[1].target, IMPORT_FIELD);
	table_done(&table);
	buf_done(&text);
}

static void
damage_is_counted_and_kept(void **state)
{
	struct table table;
	const struct import_signs *signs;

	(void)state;
	table_guess(&table,
	    "メール,電話番号,郵便番号,会員番号,登録日,備考\n"
	    "a@example.jp,9.01235E+11,1000001,0012,2025/4/2,=A1\n"
	    "b@example.jp,090-1234-5678,600001,=B2,45123,#N/A\n"
	    "c@example.jp,1.2E+3,060-0001,,45124.5,#REF!\n"
	    "d@example.jp,E+3,60-001,,2025/4/3,#####\n"
	    "e@example.jp,12E+3,,,2025/4/4,1.5E+x\n");
	signs = &table.column[1].signs;
	assert_int_equal(signs->rows, 5);
	assert_int_equal(signs->filled, 5);
	assert_int_equal(signs->exponents, 2);
	signs = &table.column[2].signs;
	assert_int_equal(signs->filled, 4);
	assert_int_equal(signs->short_postal, 2);
	signs = &table.column[3].signs;
	assert_int_equal(signs->formulas, 1);
	assert_int_equal(signs->short_postal, 0);
	signs = &table.column[4].signs;
	assert_int_equal(signs->serials, 2);
	assert_int_equal(signs->dates, 3);
	assert_int_equal(table.column[4].target, IMPORT_AGREED_AT);
	signs = &table.column[5].signs;
	assert_int_equal(signs->formulas, 1);
	assert_int_equal(signs->faults, 3);
	assert_int_equal(signs->exponents, 0);
	table_done(&table);
}

static void
an_order_needs_evidence(void **state)
{
	static const struct {
		const char *text;
		enum import_order order;
	} cases[] = {
	    {"mail,登録日\na@b.jp,1/2/2025\n", IMPORT_ORDER_UNKNOWN},
	    {"mail,登録日\na@b.jp,1/2/2025\nb@b.jp,1/13/2025\n",
		IMPORT_ORDER_MDY},
	    {"mail,登録日\na@b.jp,1/2/2025\nb@b.jp,13/1/2025\n",
		IMPORT_ORDER_DMY},
	    {"mail,登録日\na@b.jp,1/13/2025\nb@b.jp,13/1/2025\n",
		IMPORT_ORDER_UNKNOWN},
	    {"mail,登録日\na@b.jp,2025/1/13\n", IMPORT_ORDER_UNKNOWN},
	};
	struct table table;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		table_guess(&table, cases[i].text);
		assert_int_equal(table.column[1].order, cases[i].order);
		table_done(&table);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(headers_are_compared_folded),
	    cmocka_unit_test(words_say_what_a_column_is),
	    cmocka_unit_test(other_addresses_are_offered),
	    cmocka_unit_test(values_are_told_with_a_meaning),
	    cmocka_unit_test(damage_is_counted_and_kept),
	    cmocka_unit_test(an_order_needs_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
