// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key type "tsm": a key is a set of options, and reading it gives the report.
 *
 * It descends from the series "keys: Introduce a keys frontend for attestation
 * reports" of 2023, whose payload it takes,
 *
 *	auth <hex inblob> [privlevel=N] [format=S]
 *
 * and reading such a key gives what it gave there, a line of text:
 *
 *	<hex inblob> <provider's name>[:<format>] <hex report>
 *
 * Or else the payload is options as /dev/tsmfdN takes them, and reading gives
 * the report's own bytes, as reading /dev/tsmfdN does. Either may name a
 * provider=tsmfdN; the one with the lowest number is taken otherwise.
 */
#include <linux/cleanup.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/key.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "../core/session.h"
#include "keytype.h"

static bool unprivileged_keys = true;
module_param(unprivileged_keys, bool, 0644);
MODULE_PARM_DESC(unprivileged_keys,
		 "let users without CAP_SYS_ADMIN add keys of type tsm (default: on)");

/**
 * struct tsm_key - a key's payload
 * @session: its options, and the request for them. Its lock also protects what
 *	the key is charged.
 * @is_auth: it was given, and is read, as in the series of 2023
 * @names_format: it was given a format
 * @text_len: bytes that it was given, which are counted against the quota
 */
struct tsm_key {
	struct tsmfd_session	session;
	bool			is_auth;
	bool			names_format;
	size_t			text_len;
};

/* A payload's words, sorted by whom they are for. */
struct payload_words {
	char		*options;	/* for tsmfd_options_parse() */
	size_t		options_len;
	const char	*provider;	/* or NULL */
	bool		is_auth;
	bool		names_format;
};

static void add_option(struct payload_words *words, const char *prefix,
		       const char *word)
{
	words->options_len += sprintf(words->options + words->options_len,
				      "%s%s ", prefix, word);
}

/* @text is cut to pieces; @words->options has room for it and a prefix more. */
static int sort_words(struct payload_words *words, char *text)
{
	static const char provider[] = "provider=";
	bool wants_hex = false;
	char *word;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (wants_hex) {
			add_option(words, "inblob=", word);
			wants_hex = false;
		} else if (!strcmp(word, "auth")) {
			if (words->is_auth || words->options_len)
				return -EINVAL;
			words->is_auth = true;
			wants_hex = true;
		} else if (str_has_prefix(word, provider)) {
			if (words->provider)
				return -EINVAL;
			words->provider = word + strlen(provider);
		} else {
			words->names_format |= str_has_prefix(word, "format=");
			add_option(words, "", word);
		}
	}
	return wants_hex ? -EINVAL : 0;
}

static void tsm_key_free(struct tsm_key *tk)
{
	if (!tk)
		return;
	tsmfd_session_destroy(&tk->session);
	kfree(tk);
}

static struct tsm_key *tsm_key_new(struct tsmfd_provider *provider,
				   struct payload_words *words, size_t text_len)
{
	struct tsmfd_options options = {};
	struct tsm_key *tk;
	int rc;

	rc = tsmfd_options_parse(&options, &provider->info, words->options,
				 words->options_len);
	if (rc)
		return ERR_PTR(rc);
	if (!options.inblob_len)
		return ERR_PTR(-EINVAL);

	tk = kzalloc(sizeof(*tk), GFP_KERNEL_ACCOUNT);
	if (!tk)
		return ERR_PTR(-ENOMEM);

	rc = tsmfd_session_init(&tk->session, provider, TSMFD_FACE_KEY);
	if (rc) {
		kfree(tk);
		return ERR_PTR(rc);
	}
	rc = tsmfd_flow_check(&tk->session.flow, &provider->queue, &options);
	if (rc) {
		tsm_key_free(tk);
		return ERR_PTR(rc);
	}
	tk->session.options = options;
	tk->is_auth = words->is_auth;
	tk->names_format = words->names_format;
	tk->text_len = text_len;
	return tk;
}

static int tsm_preparse(struct key_preparsed_payload *prep)
{
	struct payload_words words = {};
	struct tsmfd_provider *provider;
	struct tsm_key *tk;
	int rc;

	if (!unprivileged_keys && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!prep->data || !prep->datalen || prep->datalen > TSMFD_WRITE_MAX ||
	    memchr(prep->data, '\0', prep->datalen))
		return -EINVAL;

	char *text __free(kfree) = kmemdup_nul(prep->data, prep->datalen,
					       GFP_KERNEL);
	char *options __free(kfree) = kzalloc(prep->datalen + sizeof("inblob="),
					      GFP_KERNEL);
	if (!text || !options)
		return -ENOMEM;

	words.options = options;
	rc = sort_words(&words, text);
	if (rc)
		return rc;

	provider = tsmfd_provider_find(words.provider);
	if (!provider)
		return -ENODEV;
	tk = tsm_key_new(provider, &words, prep->datalen);
	tsmfd_provider_put(provider);
	if (IS_ERR(tk))
		return PTR_ERR(tk);

	prep->payload.data[0] = tk;
	prep->quotalen = prep->datalen;
	return 0;
}

static void tsm_free_preparse(struct key_preparsed_payload *prep)
{
	tsm_key_free(prep->payload.data[0]);
}

/* Called with the key locked against readers. */
static int tsm_update(struct key *key, struct key_preparsed_payload *prep)
{
	struct tsm_key *old = NULL;
	int rc;

	rc = key_payload_reserve(key, prep->quotalen);
	if (rc)
		return rc;

	key->expiry = prep->expiry;
	if (key_is_positive(key))
		old = key->payload.data[0];
	key->payload.data[0] = prep->payload.data[0];
	prep->payload.data[0] = NULL;
	tsm_key_free(old);
	return 0;
}

/* Called with the key locked against readers. */
static void tsm_revoke(struct key *key)
{
	struct tsm_key *tk = key->payload.data[0];

	key_payload_reserve(key, 0);
	key->payload.data[0] = NULL;
	tsm_key_free(tk);
}

static void tsm_destroy(struct key *key)
{
	tsm_key_free(key->payload.data[0]);
}

static void tsm_describe(const struct key *key, struct seq_file *m)
{
	seq_puts(m, key->description);
	if (key_is_positive(key))
		seq_printf(m, ": %u", key->datalen);
}

/* The report's bytes count against the quota of the key's owner. */
static int charge(struct key *key, struct tsm_key *tk,
		  const struct tsmfd_request *request)
{
	guard(mutex)(&tk->session.lock);
	return key_payload_reserve(key, tk->text_len +
				   tsmfd_request_len(request));
}

static int copy_answer(const struct tsmfd_request *request, void *buffer)
{
	size_t len = tsmfd_request_len(request);
	struct kvec vec = { .iov_base = buffer, .iov_len = len };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
	return tsmfd_request_copy(request, 0, &to) == len ? 0 : -ENOMEM;
}

static size_t auth_len(const struct tsm_key *tk,
		       const struct tsmfd_request *request)
{
	size_t len = 2 * request->options.inblob_len + 1 +
		     strlen(tk->session.provider->info.provider) + 1 +
		     2 * tsmfd_request_len(request);

	if (tk->names_format)
		len += 1 + strlen(tsmfd_format_name(request->options.format));
	return len;
}

/* Without a NUL behind it: it fills just what auth_len() says. */
static int print_auth(const struct tsm_key *tk,
		      const struct tsmfd_request *request, char *buffer)
{
	const struct tsmfd_options *options = &request->options;
	const char *name = tk->session.provider->info.provider;
	const char *format = tsmfd_format_name(options->format);
	size_t len = tsmfd_request_len(request);
	char *out = buffer;
	int rc;

	void *raw __free(kfree) = kmalloc(len, GFP_KERNEL);
	if (!raw)
		return -ENOMEM;
	rc = copy_answer(request, raw);
	if (rc)
		return rc;

	out = bin2hex(out, options->inblob, options->inblob_len);
	*out++ = ' ';
	memcpy(out, name, strlen(name));
	out += strlen(name);
	if (tk->names_format) {
		*out++ = ':';
		memcpy(out, format, strlen(format));
		out += strlen(format);
	}
	*out++ = ' ';
	bin2hex(out, raw, len);
	return 0;
}

/*
 * Called with the key locked against writers, as is any key's: who updates or
 * revokes it waits until the firmware has answered.
 */
static long tsm_read(const struct key *key, char *buffer, size_t buflen)
{
	struct tsm_key *tk = key->payload.data[0];
	struct tsmfd_request *request;
	long len;
	int rc;

	request = tsmfd_session_answer(&tk->session);
	if (IS_ERR(request))
		return PTR_ERR(request);

	/* Not const: what it is charged changes, under the session's lock. */
	rc = charge((struct key *)key, tk, request);
	if (rc) {
		tsmfd_session_drop(&tk->session, request);
		goto out;
	}

	len = tk->is_auth ? auth_len(tk, request) :
			    tsmfd_request_len(request);
	if (buffer && buflen >= len) {
		if (tk->is_auth)
			rc = print_auth(tk, request, buffer);
		else
			rc = copy_answer(request, buffer);
	}
out:
	tsmfd_request_put(request);
	return rc ?: len;
}

static struct key_type key_type_tsm = {
	.name		= "tsm",
	.preparse	= tsm_preparse,
	.free_preparse	= tsm_free_preparse,
	.instantiate	= generic_key_instantiate,
	.update		= tsm_update,
	.revoke		= tsm_revoke,
	.destroy	= tsm_destroy,
	.describe	= tsm_describe,
	.read		= tsm_read,
};

int __init tsmfd_keytype_init(void)
{
	return register_key_type(&key_type_tsm);
}

void tsmfd_keytype_exit(void)
{
	unregister_key_type(&key_type_tsm);
}
