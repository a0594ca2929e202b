/* Words that core puts into errors, by the fact they stand in; a row with a
 * code wins over one that is for all codes. */
#include "tui/text/words.h"

#include "tui/text/i18n.h"

static const struct {
	enum err_code code; /* E_NONE: all */
	const char *fact, *value, *phrase;
} words[] = {
    {E_ADDRESS_SYNTAX, "why", "at", N_("it needs exactly one @")},
    {E_ADDRESS_SYNTAX, "why", "dots", N_("its dots are misplaced")},
    {E_ADDRESS_SYNTAX, "why", "literal",
	N_("it has a number in place of the domain")},
    {E_ADDRESS_SYNTAX, "why", "local",
	N_("the part before the @ is not right")},
    {E_ADDRESS_SYNTAX, "why", "mailto",
	N_("\"mailto:\" does not belong to it")},
    {E_ADDRESS_SYNTAX, "why", "name", N_("a name stands around it")},
    {E_ADDRESS_SYNTAX, "why", "quote", N_("its quotation marks do not fit")},
    {E_ADDRESS_SYNTAX, "why", "space", N_("it holds a blank")},
    {E_ADDRESS_SYNTAX, "why", "tail", N_("a mark stands behind it")},
    {E_ADDRESS_SYNTAX, "why", "two", N_("there are two addresses in it")},
    {E_COMMAND_OUTPUT, "why", "long", N_("it is too long")},
    {E_COMMAND_PATH, "why", "absolute",
	N_("its whole path from / on is needed")},
    {E_COMMAND_PATH, "why", "missing", N_("there is no such file")},
    {E_COMMAND_PATH, "why", "kind", N_("it is no program")},
    {E_COMMAND_PATH, "why", "mode", N_("it may not be executed")},
    {E_COMMAND_PATH, "why", "owner",
	N_("it belongs neither to root nor to you")},
    {E_COMMAND_PATH, "why", "writable", N_("others can change it")},
    {E_COMMAND_PATH, "why", "folder",
	N_("others can replace what lies in this folder")},
    {E_IMPORT_MAPPING, "why", "field_empty", N_("the field has no name")},
    {E_IMPORT_MAPPING, "why", "field_character",
	N_("the field's name holds { } | or a control character")},
    {E_IMPORT_MAPPING, "why", "field_reserved",
	N_("the field's name is one of the program's own")},
    {E_IMPORT_MAPPING, "why", "field_twice",
	N_("another column has the same field")},
    {E_IMPORT_MAPPING, "why", "address_twice",
	N_("another column is the address")},
    {E_LIST_NAME, "why", "taken", N_("another list has this name")},
    {E_MERGE_SYNTAX, "why", "count", N_("there are too many")},
    {E_MERGE_SYNTAX, "why", "nested", N_("one stands inside another")},
    {E_MERGE_SYNTAX, "why", "name", N_("the name is not right")},
    {E_MERGE_SYNTAX, "why", "open", N_("}} is missing")},
    {E_PAM_ACCOUNT, "why", "expired", N_("it has expired")},
    {E_PAM_ACCOUNT, "why", "refused", N_("the system does not allow it")},
    {E_SASL_SERVER, "why", "iterations", N_("its iteration count")},
    {E_SASL_SERVER, "why", "nonce", N_("its nonce")},
    {E_SASL_SERVER, "why", "signature", N_("its signature")},
    {E_SASL_SERVER, "why", "syntax", N_("its answer cannot be read")},
    {E_TLS_DOWNGRADE, "what", "starttls", N_("no STARTTLS")},
    {E_TLS_DOWNGRADE, "what", "tls13", N_("no TLS 1.3")},
    {E_TLS_DOWNGRADE, "what", "scram", N_("no SCRAM sign-in")},
    {E_NONE, "why", "character",
	N_("it holds a character that is not allowed")},
    {E_NONE, "why", "control", N_("it holds a control character")},
    {E_NONE, "why", "depth", N_("too deep")},
    {E_NONE, "why", "empty", N_("it is empty")},
    {E_NONE, "why", "encoding", N_("it is not valid UTF-8")},
    {E_NONE, "why", "length", N_("it is too long")},
    {E_NONE, "why", "range", N_("it is out of range")},
    {E_NONE, "why", "utf8", N_("it is not valid UTF-8")},
    {E_CAMPAIGN_FIELD, "field", "name", N_("Name")},
    {E_CAMPAIGN_FIELD, "field", "from_name", N_("From, name")},
    {E_CAMPAIGN_FIELD, "field", "from_address", N_("From, address")},
    {E_CAMPAIGN_FIELD, "field", "reply_to", N_("Reply-To")},
    {E_CAMPAIGN_FIELD, "field", "subject", N_("Subject")},
    {E_CAMPAIGN_FIELD, "field", "body", N_("Text")},
    {E_NONE, "part", "subject", N_("subject")},
    {E_NONE, "part", "text", N_("text")},
    {E_CAMPAIGN_STATE, "state", "draft", N_("draft")},
    {E_CAMPAIGN_STATE, "state", "sealed", N_("sealed")},
    {E_CAMPAIGN_STATE, "state", "running", N_("sending")},
    {E_CAMPAIGN_STATE, "state", "done", N_("sent")},
    {E_CAMPAIGN_STATE, "state", "stopped", N_("stopped")},
    {E_CAMPAIGN_STATE, "wanted", "draft", N_("draft")},
    {E_CAMPAIGN_STATE, "wanted", "sealed", N_("sealed")},
    {E_CAMPAIGN_STATE, "wanted", "running", N_("sending")},
};

const char *
err_word(enum err_code code, struct span fact, const char *value)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if ((words[i].code == code || words[i].code == E_NONE) &&
		    span_equal(fact, span_of(words[i].fact)) &&
		    strcmp(value, words[i].value) == 0)
			return _(words[i].phrase);
	}
	return NULL;
}
