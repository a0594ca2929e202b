/* The reader of SMTP replies: the only parser of what a relay says.  It never
 * looks for sense in the text but for the enhanced status code; whatever does
 * not have the form of RFC 5321 section 4.2 ends the connection. */
#include "core/net/smtp_reply.h"

#include "core/net/sasl.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The three digits at the front of a line, or 0 when they are not a code. */
static int
code_of(struct span line)
{
	if (line.len < 3 || !is_digit(line.ptr[0]) || !is_digit(line.ptr[1]) ||
	    !is_digit(line.ptr[2]))
		return 0;
	if (line.ptr[0] < '2' || line.ptr[0] > '5' || line.ptr[1] > '5')
		return 0;
	if (line.len > 3 && line.ptr[3] != ' ' && line.ptr[3] != '-')
		return 0;
	return (line.ptr[0] - '0') * 100 + (line.ptr[1] - '0') * 10 +
	       (line.ptr[2] - '0');
}

static void
keep_raw(struct reply_reader *reader, struct span bytes)
{
	size_t room = sizeof reader->raw - reader->raw_len;

	bytes = span_slice(bytes, 0, room);
	if (bytes.len)
		memcpy(reader->raw + reader->raw_len, bytes.ptr, bytes.len);
	reader->raw_len += bytes.len;
}

static enum reply_got
end_line(struct reply_reader *reader)
{
	struct span line = span_make(reader->line, reader->line_len);
	int code = code_of(line);

	keep_raw(reader, line);
	if (code == 0 || (reader->code && code != reader->code))
		return REPLY_BAD;
	reader->code = code;
	keep_raw(reader, SPAN("\r\n"));
	reader->octets += line.len + 2;
	if (++reader->lines > SMTP_LINES_MAX || reader->octets > SMTP_REPLY_MAX)
		return REPLY_BAD;
	if (line.len > 3 && line.ptr[3] == '-')
		return REPLY_LINE;
	reader->whole = true;
	return REPLY_LAST;
}

/* What the last call returned stays readable until here. */
static void
begin(struct reply_reader *reader)
{
	if (reader->ended)
		reader->line_len = 0;
	if (reader->whole) {
		reader->code = 0;
		reader->lines = 0;
		reader->octets = reader->raw_len = 0;
	}
	reader->ended = reader->whole = false;
}

enum reply_got
reply_read(struct reply_reader *reader, struct span *input)
{
	size_t at = span_index(*input, '\n');
	struct span piece = span_slice(*input, 0, at);
	bool ended = at < input->len;

	begin(reader);
	if (piece.len > sizeof reader->line - reader->line_len) {
		keep_raw(reader, span_make(reader->line, reader->line_len));
		return REPLY_BAD;
	}
	if (piece.len)
		memcpy(reader->line + reader->line_len, piece.ptr, piece.len);
	reader->line_len += piece.len;
	*input = span_slice(*input, ended ? at + 1 : at, input->len);
	if (!ended)
		return REPLY_MORE;
	reader->ended = true;
	if (reader->line_len && reader->line[reader->line_len - 1] == '\r')
		reader->line_len--;
	return end_line(reader);
}

struct span
reply_line(const struct reply_reader *reader)
{
	return span_make(reader->line + (reader->line_len < 4 ? 3 : 4),
	    reader->line_len < 4 ? 0 : reader->line_len - 4);
}

/* "5.1.1" when token has that form, else empty. */
static bool
is_enhanced(struct span token, int code)
{
	struct span rest = token, part;

	if (token.len > SMTP_ENHANCED_MAX || token.len < 5)
		return false;
	part = span_cut(&rest, '.');
	if (part.len != 1 || part.ptr[0] != '0' + code / 100)
		return false;
	for (int i = 0; i < 2; i++) {
		part = i == 0 ? span_cut(&rest, '.') : rest;
		if (part.len < 1 || part.len > 3)
			return false;
		for (size_t k = 0; k < part.len; k++) {
			if (!is_digit(part.ptr[k]))
				return false;
		}
	}
	return code / 100 != 3;
}

void
reply_fill(const struct reply_reader *reader, struct smtp_reply *out)
{
	struct span text = span_make(reader->raw, reader->raw_len), token;

	out->code = reader->code;
	out->enhanced[0] = '\0';
	out->raw = text;
	text = span_slice(text, 4, span_index(text, '\r'));
	token = span_cut(&text, ' ');
	if (!is_enhanced(token, reader->code))
		return;
	memcpy(out->enhanced, token.ptr, token.len);
	out->enhanced[token.len] = '\0';
}

void
reply_caps(struct span line, struct smtp_caps *caps)
{
	static const struct {
		const char *word;
		enum smtp_cap cap;
	} known[] = {
	    {"PIPELINING", SMTP_CAP_PIPELINING},
	    {"SIZE", SMTP_CAP_SIZE},
	    {"8BITMIME", SMTP_CAP_8BITMIME},
	    {"STARTTLS", SMTP_CAP_STARTTLS},
	    {"ENHANCEDSTATUSCODES", SMTP_CAP_ENHANCED},
	    {"CHUNKING", SMTP_CAP_CHUNKING},
	    {"DSN", SMTP_CAP_DSN},
	    {"SMTPUTF8", SMTP_CAP_SMTPUTF8},
	    {"REQUIRETLS", SMTP_CAP_REQUIRETLS},
	    {"AUTH", SMTP_CAP_AUTH},
	};
	struct span rest = line, word = span_cut(&rest, ' ');
	int64_t size;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (!span_equal_nocase(word, span_of(known[i].word)))
			continue;
		caps->bits |= known[i].cap;
		if (known[i].cap == SMTP_CAP_AUTH)
			caps->auth |= sasl_offered(rest);
		if (known[i].cap == SMTP_CAP_SIZE &&
		    span_int(span_trim(rest), &size))
			caps->size_max = size;
	}
}
