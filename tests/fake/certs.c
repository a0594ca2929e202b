/* Stock openssl makes what the tests read, and reads what they made: nothing
 * here shares code with core/mail/smime.c but the library below both. */
#include "tests/fake/certs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "tests/unit/unit.h"

static const char make[] =
    "set -e\n"
    "ca() { # name, what signs it, common name\n"
    "  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
    " -out $1.key\n"
    "  printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=keyCertSign\\n'"
    " >ext\n"
    "  openssl req -new -key $1.key -subj \"/O=例示/CN=$3\" -utf8 |\n"
    "    openssl x509 -req $2 -extfile ext -days 3650 -out $1.pem\n"
    "}\n"
    "end() { # name, address, key algorithm, usage, purpose\n"
    "  openssl genpkey -algorithm $3 -out $1.key\n"
    "  printf 'subjectAltName=email:%s\\nkeyUsage=%s\\n"
    "extendedKeyUsage=%s\\n' $2 $4 $5 >ext\n"
    "  openssl req -new -key $1.key -subj \"/O=株式会社例示/CN=$1\" -utf8 |\n"
    "    openssl x509 -req -CA mid.pem -CAkey mid.key -CAcreateserial"
    " -extfile ext -days 365 -out $1.pem\n"
    "  openssl x509 -in $1.pem -outform DER -out $1.der\n"
    "  cat mid.pem root.pem >chain.pem\n"
    "  openssl pkcs12 -export -inkey $1.key -in $1.pem -certfile chain.pem"
    " -passout pass:himitsu -out $1.p12\n"
    "}\n"
    "ca root '-signkey root.key' 'Root CA'\n"
    "ca mid '-CA root.pem -CAkey root.key -CAcreateserial' 'Issuing CA'\n"
    "rsa='RSA -pkeyopt rsa_keygen_bits:2048'\n"
    "ec='EC -pkeyopt ec_paramgen_curve:P-256'\n"
    "end news news@example.jp \"$rsa\" digitalSignature emailProtection\n"
    "end taro Taro@example.net \"$rsa\" keyEncipherment emailProtection\n"
    "end hana hana@example.net \"$ec\" keyAgreement emailProtection\n"
    "end sign sign@example.net \"$ec\" digitalSignature emailProtection\n"
    "end web web@example.net \"$ec\" digitalSignature,keyAgreement"
    " serverAuth\n"
    "openssl pkcs12 -export -legacy -inkey news.key -in news.pem"
    " -passout pass:himitsu -out news-old.p12 || : >news-old.p12\n"
    "openssl crl2pkcs7 -nocrl -certfile taro.pem -certfile hana.pem"
    " -outform DER -out both.p7c\n"
    "cat taro.pem hana.pem >both.pem\n";

int
certs_run(const struct certs *certs, const char *command)
{
	struct buf line = BUF_INIT;
	FILE *shell;
	int status;

	buf_printf(&line, "cd %s && exec /bin/sh >log 2>&1", certs->dir);
	shell = popen(line.ptr, "w");
	assert_non_null(shell);
	fputs(command, shell);
	status = pclose(shell);
	buf_done(&line);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
certs_begin(struct certs *certs)
{
	struct buf why = BUF_INIT;

	snprintf(certs->dir, sizeof certs->dir, "/tmp/sekisho-certs-XXXXXX");
	assert_non_null(mkdtemp(certs->dir));
	/* "$3" holds options: it is to be split */
	if (certs_run(certs, make) != 0) {
		certs_read(certs, "log", &why);
		fail_msg("openssl cannot make certificates: %s", why.ptr);
	}
}

void
certs_end(struct certs *certs)
{
	(void)certs_run(certs, "rm -f ./*; rmdir \"$PWD\"\n");
}

void
certs_read(const struct certs *certs, const char *file, struct buf *out)
{
	char path[128], piece[4096];
	size_t got;
	FILE *in;

	snprintf(path, sizeof path, "%s/%s", certs->dir, file);
	in = fopen(path, "rb");
	assert_non_null(in);
	while ((got = fread(piece, 1, sizeof piece, in)) > 0)
		buf_add(out, span_make(piece, got));
	fclose(in);
}

void
certs_write(const struct certs *certs, const char *file, struct span bytes)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof path, "%s/%s", certs->dir, file);
	out = fopen(path, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, out), bytes.len);
	assert_int_equal(fclose(out), 0);
}
