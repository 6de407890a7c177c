// SPDX-License-Identifier: GPL-2.0-only
#include <linux/errno.h>
#include <linux/string.h>

#include "hcl_json.h"

static bool hcl_json_is_space(u8 c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void hcl_json_skip_space(struct tpm_span *from)
{
	struct tpm_span space;

	while (from->len && hcl_json_is_space(*from->data))
		tpm_take(from, 1, &space);
}

/* The next character that is no space; 0 at the end. */
static u8 hcl_json_peek(struct tpm_span *from)
{
	hcl_json_skip_space(from);
	return from->len ? *from->data : 0;
}

static bool hcl_json_take_char(struct tpm_span *from, u8 c)
{
	struct tpm_span taken;

	return hcl_json_peek(from) == c && tpm_take(from, 1, &taken);
}

/* Takes a string; what is in between its quotes is left as it is written. */
static bool hcl_json_take_string(struct tpm_span *from, struct tpm_span *contents)
{
	struct tpm_span quote;
	size_t len;

	if (!hcl_json_take_char(from, '"'))
		return false;
	for (len = 0; len < from->len && from->data[len] != '"'; len++) {
		/* What is escaped may be a quote. */
		if (from->data[len] == '\\')
			len++;
	}
	return tpm_take(from, len, contents) && tpm_take(from, 1, &quote);
}

/* Takes a number, true, false or null: all up to what may follow a value. */
static bool hcl_json_take_word(struct tpm_span *from)
{
	struct tpm_span word;
	size_t len = 0;

	while (len < from->len && !strchr(",:{}[]\" \t\n\r", from->data[len]))
		len++;
	return len && tpm_take(from, len, &word);
}

/* Takes an object or an array, with all that is in it, however deep. */
static bool hcl_json_take_nested(struct tpm_span *from)
{
	struct tpm_span taken;
	size_t depth = 0;
	u8 c;

	do {
		c = hcl_json_peek(from);
		if (c == '"') {
			if (!hcl_json_take_string(from, &taken))
				return false;
			continue;
		}
		if (!tpm_take(from, 1, &taken))
			return false;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
	} while (depth);
	return true;
}

static bool hcl_json_take_value(struct tpm_span *from)
{
	struct tpm_span string;

	switch (hcl_json_peek(from)) {
	case '"':
		return hcl_json_take_string(from, &string);
	case '{':
	case '[':
		return hcl_json_take_nested(from);
	default:
		return hcl_json_take_word(from);
	}
}

static bool hcl_json_is(struct tpm_span string, const char *text)
{
	return string.len == strlen(text) && !memcmp(string.data, text, string.len);
}

/* Takes a member of an object. If it is the one that is looked for, @value is set. */
static bool hcl_json_take_member(struct tpm_span *from, const char *name, struct tpm_span *value)
{
	struct tpm_span key;

	if (!hcl_json_take_string(from, &key) || !hcl_json_take_char(from, ':'))
		return false;
	if (!hcl_json_is(key, name))
		return hcl_json_take_value(from);
	/* There is one of that name. */
	return !value->data && hcl_json_take_string(from, value);
}

/**
 * hcl_json_string() - a member of an object that is a string
 * @json: the object, and nothing behind it but space
 * @name: of the member
 * @value: the string, as it is written, without its quotes
 *
 * Return: 0; -ENOENT if there is no such member; -EINVAL if there are two, if it is no
 * string, or for what is no object.
 */
int hcl_json_string(struct tpm_span json, const char *name, struct tpm_span *value)
{
	bool more;

	*value = (struct tpm_span) {};
	if (!hcl_json_take_char(&json, '{'))
		return -EINVAL;
	more = hcl_json_peek(&json) != '}';
	while (more) {
		if (!hcl_json_take_member(&json, name, value))
			return -EINVAL;
		more = hcl_json_take_char(&json, ',');
	}
	if (!hcl_json_take_char(&json, '}') || hcl_json_peek(&json) || json.len)
		return -EINVAL;
	return value->data ? 0 : -ENOENT;
}
