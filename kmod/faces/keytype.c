// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key type "tsm": a key is a set of options, and reading it gives the report.
 *
 * A payload has one of two forms. The first is that of the series "keys: Introduce a
 * keys frontend for attestation reports" of 2023,
 *
 *	auth <hex inblob> [privlevel=N] [format=S]
 *
 * and reading such a key gives a line of text, as it did there:
 *
 *	<hex inblob> <provider's name>[:<format>] <hex report>
 *
 * The second is options as write(2) on the character device takes them, and reading
 * such a key gives the report's own bytes. In both forms provider=NAME names a
 * provider's device; the provider with the lowest number is asked otherwise.
 *
 * A key must not be a way around the permissions of the character device. So it takes
 * CAP_SYS_ADMIN to set a key's options, unless unprivileged_keys is set. Who may then
 * read the key is for its owner to say, by the key's own permissions.
 */
#include <linux/cleanup.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/key-type.h>
#include <linux/key.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "../compat/hex.h"
#include "../compat/slab.h"
#include "../core/options.h"
#include "../core/registry.h"
#include "../core/request.h"
#include "../core/session.h"
#include "keytype.h"

static bool unprivileged_keys;
module_param(unprivileged_keys, bool, 0644);
MODULE_PARM_DESC(unprivileged_keys,
		 "let users without CAP_SYS_ADMIN get reports through keys of type tsm (default: off)");

/**
 * struct tsm_key - a key's payload
 * @session: its options, and the request for them. Its lock also serialises charging
 *	the key, which several readers may do at once.
 * @key: the key that it is the payload of, to be charged; NULL until it is. No
 *	reference: the key frees its payload before it goes.
 * @is_auth: it was given, and is read, in the form of 2023
 * @names_format: it was given a format
 * @text_len: bytes that it was given, which count against the owner's quota
 *
 * All but what the session's lock protects is constant once @key is set.
 */
struct tsm_key {
	struct tsmfd_session	session;
	struct key		*key;
	bool			is_auth;
	bool			names_format;
	size_t			text_len;
};

/**
 * struct payload_words - a payload's words, sorted by what they are
 * @options: those that tsmfd_options_parse() is to parse; allocated
 * @options_len: bytes of @options
 * @provider: what provider= names, or NULL
 * @is_auth: the first word is auth
 * @names_format: there is a format=
 */
struct payload_words {
	char		*options;
	size_t		options_len;
	const char	*provider;
	bool		is_auth;
	bool		names_format;
};

static void keytype_add_option(struct payload_words *words, const char *prefix,
			       const char *word)
{
	words->options_len += sprintf(words->options + words->options_len,
				      "%s%s ", prefix, word);
}

/* Cuts @text to pieces. @words->options has room for @text and one prefix more. */
static int keytype_sort_words(struct payload_words *words, char *text)
{
	static const char provider[] = "provider=";
	bool wants_hex = false;
	char *word;

	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (wants_hex) {
			keytype_add_option(words, "inblob=", word);
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
			keytype_add_option(words, "", word);
		}
	}
	return wants_hex ? -EINVAL : 0;
}

static void keytype_payload_free(struct tsm_key *tk)
{
	if (!tk)
		return;
	tsmfd_session_destroy(&tk->session);
	kfree(tk);
}

static struct tsm_key *keytype_payload_new(struct tsmfd_provider *provider,
					   struct payload_words *words,
					   size_t text_len)
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
	rc = tsmfd_flow_check(tk->session.flow, &options);
	if (rc) {
		keytype_payload_free(tk);
		return ERR_PTR(rc);
	}
	tk->session.options = options;
	tk->is_auth = words->is_auth;
	tk->names_format = words->names_format;
	tk->text_len = text_len;
	return tk;
}

/* Runs for every new payload, be it of a key that is added, instantiated or updated. */
static int keytype_preparse(struct key_preparsed_payload *prep)
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
	rc = keytype_sort_words(&words, text);
	if (rc)
		return rc;

	provider = tsmfd_provider_find(words.provider);
	if (!provider)
		return -ENODEV;
	tk = keytype_payload_new(provider, &words, prep->datalen);
	tsmfd_provider_put(provider);
	if (IS_ERR(tk))
		return PTR_ERR(tk);

	prep->payload.data[0] = tk;
	prep->quotalen = prep->datalen;
	return 0;
}

static void keytype_free_preparse(struct key_preparsed_payload *prep)
{
	keytype_payload_free(prep->payload.data[0]);
}

/* The key takes over the payload if its owner's quota has room for it. */
static int keytype_adopt(struct key *key, struct key_preparsed_payload *prep)
{
	struct tsm_key *tk = prep->payload.data[0];
	int rc;

	rc = key_payload_reserve(key, prep->quotalen);
	if (rc)
		return rc;

	tk->key = key;
	key->payload.data[0] = tk;
	prep->payload.data[0] = NULL;
	return 0;
}

/* Nobody can have found the key yet. */
static int keytype_instantiate(struct key *key, struct key_preparsed_payload *prep)
{
	return keytype_adopt(key, prep);
}

/* Called with the key's semaphore held for writing, so that nobody reads the key. */
static int keytype_update(struct key *key, struct key_preparsed_payload *prep)
{
	struct tsm_key *old = key_is_positive(key) ? key->payload.data[0] : NULL;
	int rc;

	rc = keytype_adopt(key, prep);
	if (rc)
		return rc;

	key->expiry = prep->expiry;
	keytype_payload_free(old);
	return 0;
}

/* Called likewise. */
static void keytype_revoke(struct key *key)
{
	struct tsm_key *tk = key->payload.data[0];

	key_payload_reserve(key, 0);
	key->payload.data[0] = NULL;
	keytype_payload_free(tk);
}

static void keytype_destroy(struct key *key)
{
	keytype_payload_free(key->payload.data[0]);
}

static void keytype_describe(const struct key *key, struct seq_file *m)
{
	seq_puts(m, key->description);
	if (key_is_positive(key))
		seq_printf(m, ": %u", key->datalen);
}

/*
 * The report's bytes count against the quota of the key's owner. The key service holds
 * the key's semaphore, but only for reading, so two readers may be here at once.
 *
 * What a key was charged, the key service keeps in 16 bits. If it were charged more,
 * then its owner would not get all of that back. So a report counts no more than that.
 */
static int keytype_charge(struct tsm_key *tk, const struct tsmfd_request *request)
{
	size_t len = tk->text_len + tsmfd_answer_len(request);

	guard(mutex)(&tk->session.lock);
	return key_payload_reserve(tk->key, min_t(size_t, len, USHRT_MAX));
}

static int keytype_copy_answer(const struct tsmfd_request *request, void *buffer)
{
	size_t len = tsmfd_answer_len(request);
	struct kvec vec = { .iov_base = buffer, .iov_len = len };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, len);
	return tsmfd_answer_copy(request, 0, &to) == len ? 0 : -ENOMEM;
}

static size_t keytype_auth_len(const struct tsm_key *tk,
			       const struct tsmfd_request *request)
{
	size_t len = 2 * request->options.inblob_len + 1 +
		     strlen(tk->session.provider->info.provider) + 1 +
		     2 * tsmfd_answer_len(request);

	if (tk->names_format)
		len += 1 + strlen(tsmfd_format_name(request->options.format));
	return len;
}

/* Fills exactly what keytype_auth_len() says, so there is no NUL at the end. */
static int keytype_print_auth(const struct tsm_key *tk,
			      const struct tsmfd_request *request, char *buffer)
{
	const struct tsmfd_options *options = &request->options;
	const char *name = tk->session.provider->info.provider;
	const char *format = tsmfd_format_name(options->format);
	size_t len = tsmfd_answer_len(request);
	char *out = buffer;
	int rc;

	void *raw __free(kvfree) = kvmalloc(len, GFP_KERNEL);
	if (!raw)
		return -ENOMEM;
	rc = keytype_copy_answer(request, raw);
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
 * Called with the key's semaphore held for reading, as any key's read() is. So whoever
 * updates or revokes the key waits until the firmware has answered.
 */
static long keytype_read(const struct key *key, char *buffer, size_t buflen)
{
	struct tsm_key *tk = key->payload.data[0];
	struct tsmfd_request *request;
	long len;
	int rc;

	request = tsmfd_session_answer(&tk->session, TASK_INTERRUPTIBLE);
	if (IS_ERR(request))
		return PTR_ERR(request);

	rc = keytype_charge(tk, request);
	if (rc) {
		tsmfd_session_forget(&tk->session, request);
		goto out;
	}

	len = tk->is_auth ? keytype_auth_len(tk, request) :
			    tsmfd_answer_len(request);
	if (buffer && buflen >= len) {
		if (tk->is_auth)
			rc = keytype_print_auth(tk, request, buffer);
		else
			rc = keytype_copy_answer(request, buffer);
	}
out:
	tsmfd_request_put(request);
	return rc ?: len;
}

static struct key_type key_type_tsm = {
	.name		= "tsm",
	.preparse	= keytype_preparse,
	.free_preparse	= keytype_free_preparse,
	.instantiate	= keytype_instantiate,
	.update		= keytype_update,
	.revoke		= keytype_revoke,
	.destroy	= keytype_destroy,
	.describe	= keytype_describe,
	.read		= keytype_read,
};

int __init tsmfd_keytype_init(void)
{
	return register_key_type(&key_type_tsm);
}

void tsmfd_keytype_exit(void)
{
	unregister_key_type(&key_type_tsm);
}
