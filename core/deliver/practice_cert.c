/* A throw-away certification authority: its key signs one certificate and is
 * then forgotten, so the file that a client trusts can vouch for nothing
 * else. */
#include "core/deliver/practice_cert.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

static int
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX context;
	int done;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	if (!ext)
		return 0;
	done = X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
	return done;
}

static int
set_serial(X509 *cert)
{
	unsigned char bytes[8];
	uint64_t serial = 0;

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return 0;
	for (size_t i = 0; i < sizeof bytes; i++)
		serial = serial << 8 | bytes[i];
	return ASN1_INTEGER_set_uint64(
	    X509_get_serialNumber(cert), serial >> 1 | 1);
}

/* A certificate for key with everything but extensions and signature. */
static X509 *
blank(EVP_PKEY *key, const char *common_name, long from_s, long to_s)
{
	X509 *cert = X509_new();
	X509_NAME *name;

	if (!cert)
		return NULL;
	name = X509_get_subject_name(cert);
	if (X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), from_s) &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), to_s) &&
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		(const unsigned char *)common_name, -1, -1, 0) &&
	    X509_set_pubkey(cert, key))
		return cert;
	X509_free(cert);
	return NULL;
}

static X509 *
make_authority(EVP_PKEY *key, const struct practice_cert_how *how)
{
	X509 *ca = blank(key, "Sekisho practice authority",
	    how->from_s < 0 ? how->from_s : 0, how->to_s + 86400);

	if (ca && X509_set_issuer_name(ca, X509_get_subject_name(ca)) &&
	    add_extension(
		ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	    add_extension(
		ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	    add_extension(ca, ca, NID_subject_key_identifier, "hash") &&
	    X509_sign(ca, key, EVP_sha256()))
		return ca;
	X509_free(ca);
	return NULL;
}

static X509 *
make_server(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key,
    const struct practice_cert_how *how)
{
	X509 *cert = blank(key, "practice relay", how->from_s, how->to_s);

	if (cert && X509_set_issuer_name(cert, X509_get_subject_name(ca)) &&
	    add_extension(cert, ca, NID_basic_constraints, "CA:FALSE") &&
	    add_extension(
		cert, ca, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(cert, ca, NID_ext_key_usage, "serverAuth") &&
	    add_extension(cert, ca, NID_subject_alt_name, how->names) &&
	    add_extension(
		cert, ca, NID_authority_key_identifier, "keyid:always") &&
	    X509_sign(cert, ca_key, EVP_sha256()))
		return cert;
	X509_free(cert);
	return NULL;
}

static int
write_pem(X509 *cert, struct buf *out)
{
	BIO *memory = BIO_new(BIO_s_mem());
	char *bytes;
	long len;
	int done = memory && PEM_write_bio_X509(memory, cert);

	if (done) {
		len = BIO_get_mem_data(memory, &bytes);
		buf_add(out, span_make(bytes, (size_t)len));
	}
	BIO_free(memory);
	return done;
}

static SSL_CTX *
make_context(X509 *cert, EVP_PKEY *key)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) &&
	    SSL_CTX_use_certificate(context, cert) == 1 &&
	    SSL_CTX_use_PrivateKey(context, key) == 1) {
		SSL_CTX_set_options(
		    context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
		SSL_CTX_set_mode(
		    context, SSL_MODE_ENABLE_PARTIAL_WRITE |
				 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		return context;
	}
	SSL_CTX_free(context);
	return NULL;
}

int
practice_cert_make(const struct practice_cert_how *how, SSL_CTX **out,
    struct buf *ca_pem, struct err *err)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = NULL, *cert = NULL;
	SSL_CTX *context = NULL;
	int rc = -1;

	if (ca_key && key)
		ca = make_authority(ca_key, how);
	if (ca)
		cert = make_server(key, ca, ca_key, how);
	if (cert)
		context = make_context(cert, key);
	if (context && how->version)
		SSL_CTX_set_max_proto_version(context, how->version);
	if (!context || !write_pem(ca, ca_pem)) {
		SSL_CTX_free(context);
		err_set(err, E_CRYPTO);
		err_fact(err, "what", SPAN("certificate"));
		goto out;
	}
	*out = context;
	rc = 0;
out:
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return rc;
}
