#include "multipart.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum state {
    CONTENT,   /* of a part, or before the first */
    BOUNDARY,  /* behind a boundary: a new part or the end */
    LAST_DASH, /* behind a boundary and a dash */
    LINE_END,  /* before the LF that ends a boundary's line */
    HEAD,
    EPILOGUE
};

static bool is_boundary_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c && strchr("'()+_,-./:=? ", c));
}

bool multipart_begin(struct multipart *multipart, const char *boundary, size_t length,
                     const struct multipart_sink *sink)
{
    if (length == 0 || length > MULTIPART_BOUNDARY_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_boundary_char(boundary[i]))
            return false;
    memset(multipart, 0, sizeof *multipart);
    multipart->sink = *sink;
    multipart->delimiter_length = (size_t)snprintf(
        multipart->delimiter, sizeof multipart->delimiter, "\r\n--%.*s", (int)length, boundary);
    multipart->matched = 2; /* the first boundary may stand at the very beginning */
    return true;
}

static void fail(struct multipart *multipart, const char *sentence)
{
    if (!multipart->failure)
        multipart->failure = sentence;
}

static void give(struct multipart *multipart, const char *bytes, size_t size)
{
    if (multipart->parts && size)
        multipart->sink.data(multipart->sink.user, bytes, size);
}

/* One byte behind `matched` bytes of the delimiter; answers how many bytes were taken. The
 * delimiter's only CR is its first byte, so where a match breaks off nothing of it can begin
 * another: the byte is looked at anew. */
static size_t take_delimiter_byte(struct multipart *multipart, char byte)
{
    if (byte != multipart->delimiter[multipart->matched]) {
        give(multipart, multipart->delimiter, multipart->matched);
        multipart->matched = 0;
        return 0;
    }
    if (++multipart->matched == multipart->delimiter_length) {
        if (multipart->parts)
            multipart->sink.end(multipart->sink.user);
        multipart->matched = 0;
        multipart->state = BOUNDARY;
    }
    return 1;
}

/* How many bytes come before the delimiter, or before what may turn out to be its beginning. */
static size_t plain_length(const struct multipart *multipart, const char *bytes, size_t size)
{
    const char *end = bytes + size, *at = bytes;
    while ((at = memchr(at, '\r', (size_t)(end - at)))) {
        size_t left = (size_t)(end - at);
        size_t length = left < multipart->delimiter_length ? left : multipart->delimiter_length;
        if (memcmp(at, multipart->delimiter, length) == 0)
            return (size_t)(at - bytes);
        at++;
    }
    return size;
}

/* Content, handed on in as few pieces as it can be: a picture may be full of CRs. Answers how many
 * bytes were taken. */
static size_t take_content(struct multipart *multipart, const char *bytes, size_t size)
{
    if (multipart->matched)
        return take_delimiter_byte(multipart, *bytes);
    size_t plain = plain_length(multipart, bytes, size);
    give(multipart, bytes, plain);
    multipart->matched = plain < size;
    return plain + multipart->matched;
}

/* What stands behind `name=` in a header's line; NULL when it does not. */
static const char *find_parameter(const char *line, const char *name)
{
    const char *at = line;
    while ((at = strcasestr(at, name))) {
        bool begins = at > line && strchr("; \t", at[-1]);
        at += strlen(name);
        if (begins && *at == '=')
            return at + 1;
    }
    return NULL;
}

/* Whether a backslash takes the meaning from what follows. Browsers leave backslashes as they are
 * (WHATWG), so before the last quote there is it is one of the text. */
static bool is_escape(const char *at)
{
    return *at == '\\' && at[1] && (at[1] != '"' || strchr(at + 2, '"'));
}

/* A parameter's value, quoted or bare. */
static bool read_parameter(const char *line, const char *name, char *value, size_t room)
{
    size_t used = 0;
    const char *at = find_parameter(line, name);
    if (!at)
        return false;
    bool quoted = *at == '"';
    at += quoted;
    while (*at && (quoted ? *at != '"' : !strchr("; \t", *at))) {
        if (quoted && is_escape(at))
            at++;
        if (used + 1 >= room)
            return false;
        value[used++] = *at++;
    }
    value[used] = '\0';
    return !quoted || *at == '"';
}

static void read_head_line(struct multipart *multipart, const char *line)
{
    static const char disposition[] = "Content-Disposition:";
    if (strncasecmp(line, disposition, sizeof disposition - 1) != 0)
        return;
    if (!read_parameter(line, "name", multipart->part.name, sizeof multipart->part.name))
        fail(multipart, "a part of the form has no name, or one that is too long");
    multipart->part.has_file_name = find_parameter(line, "filename") != NULL;
}

static void end_head(struct multipart *multipart)
{
    multipart->part = (struct multipart_part){0};
    multipart->head[multipart->head_length] = '\0';
    for (char *line = multipart->head; line;) {
        char *end = strstr(line, "\r\n");
        if (end)
            *end = '\0';
        read_head_line(multipart, line);
        line = end ? end + 2 : NULL;
    }
    if (!multipart->part.name[0])
        fail(multipart, "a part of the form has no name");
    if (multipart->failure)
        return;
    multipart->parts++;
    multipart->state = CONTENT;
    multipart->matched = 0;
    multipart->sink.begin(multipart->sink.user, &multipart->part);
}

static void take_head_byte(struct multipart *multipart, char byte)
{
    if (multipart->head_length + 1 >= sizeof multipart->head || byte == '\0') {
        fail(multipart, "the headers of a part of the form are too long");
        return;
    }
    multipart->head[multipart->head_length++] = byte;
    size_t length = multipart->head_length;
    bool is_empty = length == 2 && memcmp(multipart->head, "\r\n", 2) == 0;
    if (is_empty || (length >= 4 && memcmp(multipart->head + length - 4, "\r\n\r\n", 4) == 0))
        end_head(multipart);
}

static void begin_head(struct multipart *multipart)
{
    multipart->state = HEAD;
    multipart->head_length = 0;
    if (multipart->parts >= MULTIPART_PARTS_MAX)
        fail(multipart, "the form has too many parts");
}

static void take_boundary_byte(struct multipart *multipart, char byte)
{
    switch ((enum state)multipart->state) {
    case BOUNDARY:
        if (byte == '-')
            multipart->state = LAST_DASH;
        else if (byte == '\r')
            multipart->state = LINE_END;
        else if (byte != ' ' && byte != '\t')
            fail(multipart, "something stands behind a boundary of the form");
        break;
    case LAST_DASH:
        if (byte == '-')
            multipart->state = EPILOGUE;
        else
            fail(multipart, "something stands behind a boundary of the form");
        break;
    default: /* LINE_END */
        if (byte == '\n')
            begin_head(multipart);
        else
            fail(multipart, "a boundary's line of the form does not end in CR LF");
    }
}

void multipart_add(struct multipart *multipart, const char *bytes, size_t size)
{
    while (size > 0 && !multipart->failure && multipart->state != EPILOGUE) {
        size_t taken = 1;
        if (multipart->state == CONTENT)
            taken = take_content(multipart, bytes, size);
        else if (multipart->state == HEAD)
            take_head_byte(multipart, *bytes);
        else
            take_boundary_byte(multipart, *bytes);
        bytes += taken;
        size -= taken;
    }
}

const char *multipart_end(struct multipart *multipart)
{
    if (!multipart->failure && multipart->state != EPILOGUE)
        fail(multipart, "the form ends before its last boundary");
    return multipart->failure;
}

bool multipart_find_boundary(const char *content_type, char boundary[MULTIPART_BOUNDARY_MAX + 1])
{
    static const char type[] = "multipart/form-data";
    if (strncasecmp(content_type, type, sizeof type - 1) != 0)
        return false;
    return read_parameter(content_type, "boundary", boundary, MULTIPART_BOUNDARY_MAX + 1) &&
           boundary[0];
}
