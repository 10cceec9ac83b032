#include "upload/profile.h"

#include <string.h>

struct line {
    size_t indent;
    struct wci_word text; /* without white space around it */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct wci_word trimmed(const char *begin, const char *end)
{
    while (begin < end && is_blank(*begin))
        begin++;
    while (end > begin && is_blank(end[-1]))
        end--;
    return (struct wci_word){begin, (size_t)(end - begin)};
}

static bool next_line(const char **at, struct line *line)
{
    if (!**at)
        return false;
    size_t length = strcspn(*at, "\n");
    line->text = trimmed(*at, *at + length);
    line->indent = (size_t)(line->text.begin - *at);
    *at += length + ((*at)[length] == '\n');
    return true;
}

static bool words_match(struct wci_word word, const char *name)
{
    if (strlen(name) != word.length)
        return false;
    for (size_t i = 0; i < word.length; i++) {
        char c = word.begin[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != name[i])
            return false;
    }
    return true;
}

/* A name of two words or more stands in quotes in a config file. */
static struct wci_word unquoted(struct wci_word word)
{
    if (word.length >= 2 && strchr("\"'", word.begin[0]) &&
        word.begin[word.length - 1] == word.begin[0])
        return (struct wci_word){word.begin + 1, word.length - 2};
    return word;
}

static bool is_section_of(struct wci_word text, const char *name, bool is_config)
{
    static const char prefix[] = "profile";
    const size_t length = sizeof prefix - 1;
    const char *end = text.begin + text.length;
    while (end > text.begin && end[-1] != ']') /* a comment may stand behind it */
        end--;
    if (end == text.begin)
        return false;
    struct wci_word title = trimmed(text.begin + 1, end - 1);
    if (is_config && title.length > length && memcmp(title.begin, prefix, length) == 0 &&
        is_blank(title.begin[length]))
        return wci_word_is(unquoted(trimmed(title.begin + length, title.begin + title.length)),
                           name);
    return wci_word_is(title, name) && (!is_config || strcmp(name, "default") == 0);
}

/* What is behind a # or ; with a blank before it is a comment: no key has a blank. */
static struct wci_word without_comment(struct wci_word value)
{
    for (size_t i = 0; i < value.length; i++)
        if (strchr("#;", value.begin[i]) && (i == 0 || is_blank(value.begin[i - 1])))
            return trimmed(value.begin, value.begin + i);
    return value;
}

static void read_setting(struct wci_word text, struct wci_profile *profile)
{
    size_t at = 0;
    while (at < text.length && !strchr("=:", text.begin[at]))
        at++;
    if (at == text.length)
        return;
    struct wci_word name = trimmed(text.begin, text.begin + at);
    struct wci_word value = without_comment(trimmed(text.begin + at + 1, text.begin + text.length));
    if (words_match(name, "aws_access_key_id"))
        profile->access_key = value;
    else if (words_match(name, "aws_secret_access_key"))
        profile->secret_key = value;
    else if (words_match(name, "aws_session_token"))
        profile->session_token = value;
}

void wci_profile_read(const char *text, const char *name, bool is_config,
                      struct wci_profile *profile)
{
    struct line line;
    bool is_inside = false, has_setting = false;
    size_t indent = 0; /* of the last setting: what stands deeper belongs to it */
    *profile = (struct wci_profile){0};
    while (next_line(&text, &line)) {
        if (line.text.length == 0 || strchr("#;", line.text.begin[0]))
            continue;
        if (has_setting && line.indent > indent)
            continue;
        if (line.text.begin[0] == '[') {
            is_inside = is_section_of(line.text, name, is_config);
            profile->is_there = profile->is_there || is_inside;
            has_setting = false;
            continue;
        }
        has_setting = true;
        indent = line.indent;
        if (is_inside)
            read_setting(line.text, profile);
    }
}
