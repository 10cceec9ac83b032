#include "base/xml_read.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

static bool refuse(struct wci_xml *xml, const char *why)
{
    xml->wrong = why;
    return false;
}

static bool take(struct wci_xml *xml, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(xml->end - xml->at) < length || memcmp(xml->at, word, length) != 0)
        return false;
    xml->at += length;
    return true;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool skip_space(struct wci_xml *xml)
{
    const char *from = xml->at;
    while (xml->at < xml->end && is_space(*xml->at))
        xml->at++;
    return xml->at > from;
}

/* Goes behind the words that end what began here. */
static bool skip_to(struct wci_xml *xml, const char *words, const char *why)
{
    const char *found = memmem(xml->at, (size_t)(xml->end - xml->at), words, strlen(words));
    if (!found)
        return refuse(xml, why);
    xml->at = found + strlen(words);
    return true;
}

/* ---- Text ---- */

static void add_character(struct wci_xml *xml, const char *bytes, size_t size)
{
    if (!xml->is_leaf || xml->text_is_cut)
        return;
    if (size >= sizeof xml->text - xml->text_length) {
        xml->text_is_cut = true;
        return;
    }
    memcpy(xml->text + xml->text_length, bytes, size);
    xml->text_length += size;
    xml->text[xml->text_length] = '\0';
}

/* What XML 1.0 takes for a character. */
static bool is_character(uint32_t code)
{
    if (code < 0x20)
        return code == '\t' || code == '\n' || code == '\r';
    return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) ||
           (code >= 0x10000 && code <= 0x10ffff);
}

static void add_code(struct wci_xml *xml, uint32_t code)
{
    char bytes[4];
    size_t size = 0;
    if (code < 0x80) {
        bytes[size++] = (char)code;
    } else {
        if (code < 0x800) {
            bytes[size++] = (char)(0xc0 | code >> 6);
        } else {
            if (code < 0x10000) {
                bytes[size++] = (char)(0xe0 | code >> 12);
            } else {
                bytes[size++] = (char)(0xf0 | code >> 18);
                bytes[size++] = (char)(0x80 | (code >> 12 & 0x3f));
            }
            bytes[size++] = (char)(0x80 | (code >> 6 & 0x3f));
        }
        bytes[size++] = (char)(0x80 | (code & 0x3f));
    }
    add_character(xml, bytes, size);
}

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : 99;
}

/* The number of a character behind "&#". */
static bool take_number(struct wci_xml *xml)
{
    uint32_t code = 0, base = take(xml, "x") ? 16 : 10;
    const char *from = xml->at;
    for (; xml->at < xml->end && digit_value(*xml->at) < (int)base; xml->at++) {
        code = code * base + (uint32_t)digit_value(*xml->at);
        if (code > 0x10ffff)
            break;
    }
    if (xml->at == from || !is_character(code) || !take(xml, ";"))
        return refuse(xml, "a reference to no character");
    add_code(xml, code);
    return true;
}

static bool take_reference(struct wci_xml *xml)
{
    static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (take(xml, entities[i])) {
            add_character(xml, &"<>&\"'"[i], 1);
            return true;
        }
    return take(xml, "&#") ? take_number(xml) : refuse(xml, "an entity that is not XML's own");
}

/* One character as it stands. Line ends are line feeds, as XML has them. */
static bool take_character(struct wci_xml *xml)
{
    size_t size = wci_utf8_character(xml->at, (size_t)(xml->end - xml->at));
    if (size == 0)
        return refuse(xml, "bytes that are no UTF-8");
    if (size == 1 && !is_character((unsigned char)*xml->at))
        return refuse(xml, "a control character");
    if (*xml->at == '\r') {
        add_character(xml, "\n", 1);
        xml->at++;
        take(xml, "\n");
        return true;
    }
    add_character(xml, xml->at, size);
    xml->at += size;
    return true;
}

static bool take_text(struct wci_xml *xml)
{
    while (xml->at < xml->end && *xml->at != '<') {
        if (xml->depth == 0 && !is_space(*xml->at))
            return refuse(xml, "text outside of the root element");
        if (!(*xml->at == '&' ? take_reference(xml) : take_character(xml)))
            return false;
    }
    return true;
}

static bool take_cdata(struct wci_xml *xml)
{
    if (xml->depth == 0)
        return refuse(xml, "text outside of the root element");
    while (!take(xml, "]]>")) {
        if (xml->at == xml->end)
            return refuse(xml, "a CDATA section that does not end");
        if (!take_character(xml))
            return false;
    }
    return true;
}

/* ---- Elements ---- */

static bool take_name(struct wci_xml *xml, struct wci_xml_name *name)
{
    static const char others[] = "-.0123456789"; /* not in the first place */
    name->start = xml->at;
    for (; xml->at < xml->end; xml->at++) {
        char byte = *xml->at, letter = (char)(byte | 0x20);
        bool is_other = byte && strchr(others, byte) && xml->at > name->start;
        if (!(letter >= 'a' && letter <= 'z') && byte != '_' && byte != ':' && !is_other)
            break;
    }
    name->length = (size_t)(xml->at - name->start);
    return name->length > 0 || refuse(xml, "a tag without a name");
}

/* An attribute's value; its text is not wanted, but it must be text. */
static bool take_value(struct wci_xml *xml)
{
    const char *quote = take(xml, "\"") ? "\"" : take(xml, "'") ? "'" : NULL;
    if (!quote)
        return refuse(xml, "an attribute without quotation marks");
    while (!take(xml, quote)) {
        if (xml->at == xml->end || *xml->at == '<')
            return refuse(xml, "an attribute that does not end");
        if (!(*xml->at == '&' ? take_reference(xml) : take_character(xml)))
            return false;
    }
    return true;
}

static bool take_attributes(struct wci_xml *xml)
{
    struct wci_xml_name name;
    while (skip_space(xml) && xml->at < xml->end && *xml->at != '>' && *xml->at != '/') {
        if (!take_name(xml, &name))
            return false;
        skip_space(xml);
        if (!take(xml, "="))
            return refuse(xml, "an attribute without a value");
        skip_space(xml);
        if (!take_value(xml))
            return false;
    }
    return true;
}

static void forget_text(struct wci_xml *xml)
{
    xml->text[0] = '\0';
    xml->text_length = 0;
    xml->text_is_cut = false;
}

static bool open_element(struct wci_xml *xml)
{
    struct wci_xml_name name;
    if (xml->depth == 0 && xml->has_root)
        return refuse(xml, "a second root element");
    if (xml->depth == WCI_XML_DEPTH)
        return refuse(xml, "elements that are nested too deep");
    xml->is_leaf = false; /* the attributes' text is nobody's */
    forget_text(xml);
    if (!take_name(xml, &name) || !take_attributes(xml))
        return false;
    xml->closes_next = take(xml, "/");
    if (!take(xml, ">"))
        return refuse(xml, "a tag that does not end");
    xml->path[xml->depth++] = name;
    xml->is_leaf = xml->has_root = true;
    return true;
}

static void close_here(struct wci_xml *xml)
{
    if (!xml->is_leaf)
        forget_text(xml);
    xml->is_leaf = false; /* what follows is the parent's, which has an element */
    xml->leaves_next = true;
}

static bool close_element(struct wci_xml *xml)
{
    struct wci_xml_name name;
    if (!take_name(xml, &name))
        return false;
    skip_space(xml);
    if (!take(xml, ">"))
        return refuse(xml, "a tag that does not end");
    const struct wci_xml_name *open = xml->depth ? &xml->path[xml->depth - 1] : NULL;
    if (!open || open->length != name.length || memcmp(open->start, name.start, name.length) != 0)
        return refuse(xml, "an end tag that has no start");
    close_here(xml);
    return true;
}

/* ---- The document ---- */

void wci_xml_begin(struct wci_xml *xml, const char *document, size_t length)
{
    if (!document)
        document = "";
    *xml = (struct wci_xml){.at = document, .end = document + length};
    take(xml, "\xef\xbb\xbf"); /* a byte order mark */
}

static enum wci_xml_step finish(struct wci_xml *xml)
{
    if (xml->depth || !xml->has_root) {
        refuse(xml, xml->depth ? "an element that does not end" : "no element");
        return WCI_XML_WRONG;
    }
    return WCI_XML_END;
}

enum wci_xml_step wci_xml_next(struct wci_xml *xml)
{
    if (xml->wrong)
        return WCI_XML_WRONG;
    if (xml->leaves_next)
        xml->depth--;
    xml->leaves_next = false;
    if (xml->closes_next) { /* <Name/> */
        xml->closes_next = false;
        close_here(xml);
        return WCI_XML_CLOSE;
    }
    bool is_right = true;
    while (is_right && (is_right = take_text(xml)) && xml->at < xml->end) {
        if (take(xml, "<!--"))
            is_right = skip_to(xml, "-->", "a comment that does not end");
        else if (take(xml, "<![CDATA["))
            is_right = take_cdata(xml);
        else if (take(xml, "<?"))
            is_right = skip_to(xml, "?>", "an instruction that does not end");
        else if (take(xml, "<!"))
            is_right = refuse(xml, "a document type");
        else if (take(xml, "</"))
            return close_element(xml) ? WCI_XML_CLOSE : WCI_XML_WRONG;
        else if (take(xml, "<"))
            return open_element(xml) ? WCI_XML_OPEN : WCI_XML_WRONG;
    }
    return is_right ? finish(xml) : WCI_XML_WRONG;
}

static struct wci_xml_name without_prefix(struct wci_xml_name name)
{
    const char *colon = memrchr(name.start, ':', name.length);
    if (!colon)
        return name;
    size_t prefix = (size_t)(colon + 1 - name.start);
    return (struct wci_xml_name){colon + 1, name.length - prefix};
}

bool wci_xml_is_at(const struct wci_xml *xml, const char *path)
{
    for (int i = 0; i < xml->depth; i++) {
        struct wci_xml_name name = without_prefix(xml->path[i]);
        if (strncmp(path, name.start, name.length) != 0)
            return false;
        path += name.length;
        if (*path != (i + 1 < xml->depth ? '/' : '\0'))
            return false;
        path++;
    }
    return xml->depth > 0;
}
