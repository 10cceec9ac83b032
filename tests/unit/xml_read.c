/* Reading XML: what servers answer, and what nobody should. */
#include "base/xml_read.h"

#include "unit.h"

/* Reads a document into one line: "Root(Leaf=text)", or "!why". */
static const char *read_as(const char *document, size_t length)
{
    static char shown[8192];
    /* An exact copy, so that a byte read past its end is noticed. */
    char *copy = malloc(length ? length : 1);
    ck_assert_ptr_nonnull(copy);
    if (length)
        memcpy(copy, document, length);
    struct wci_xml xml;
    FILE *out = fmemopen(shown, sizeof shown, "w");
    ck_assert_ptr_nonnull(out);
    wci_xml_begin(&xml, copy, length);
    bool opened = false;
    enum wci_xml_step step;
    while ((step = wci_xml_next(&xml)) == WCI_XML_OPEN || step == WCI_XML_CLOSE) {
        const struct wci_xml_name *name = &xml.path[xml.depth - 1];
        if (step == WCI_XML_OPEN)
            fprintf(out, "%s%.*s", opened ? "(" : "", (int)name->length, name->start);
        else if (opened)
            fprintf(out, "=%s%s ", xml.text, xml.text_is_cut ? "..." : "");
        else
            fprintf(out, ")");
        opened = step == WCI_XML_OPEN;
        ck_assert_uint_eq(strlen(xml.text), xml.text_length);
    }
    if (step == WCI_XML_WRONG)
        fprintf(out, "!%s", xml.wrong);
    ck_assert_int_eq(wci_xml_next(&xml), step); /* and so it stays */
    fclose(out);
    free(copy);
    return shown;
}

static const struct {
    const char *document, *shown;
} documents[] = {
    {"<a/>", "a= "},
    {"<a></a>", "a= "},
    {"<a>text</a>", "a=text "},
    {"\xef\xbb\xbf<a>text</a>", "a=text "},
    {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code>"
     "<Message>Reduce</Message></Error>\n",
     "Error(Code=SlowDown Message=Reduce )"},
    /* S3 sends white space while it completes an upload. */
    {"  \n \n<?xml version=\"1.0\"?><a>1</a>", "a=1 "},
    {"<a>\n <b>1</b>\n <b>2</b>\n</a>", "a(b=1 b=2 )"},
    {"<a>lost<b/>lost</a>", "a(b= )"},
    {"<a><b><c>1</c></b></a>", "a(b(c=1 ))"},
    {"<a xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\" b = 'x&lt;\"'>1</a >", "a=1 "},
    {"<s3:a xmlns:s3='x'><s3:b/></s3:a>", "s3:a(s3:b= )"},
    {"<a>&quot;1&quot; &lt;&gt;&amp;&apos;</a>", "a=\"1\" <>&' "},
    {"<a>&#65;&#x42;&#xe9;&#x20AC;&#x1F98A;&#xd7ff;&#xe000;</a>",
     "a=AB\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x8a\xed\x9f\xbf\xee\x80\x80 "},
    {"<a>&amp;lt;</a>", "a=&lt; "},
    {"<a>1<!-- <b> -- -->2<?php <b> ?>3<![CDATA[<b>&lt;]]]>4</a>", "a=123<b>&lt;]4 "},
    {"<a>1\r\n2\r3\n</a>", "a=1\n2\n3\n "},
    {"<a>\xc3\xa9\t</a>", "a=\xc3\xa9\t "},
    {"<!-- no --><a/><!-- no -->", "a= "},
    {"<_a.b-c1/>", "_a.b-c1= "},
    {"<a/ >", "!a tag that does not end"},
    {"", "!no element"},
    {" ", "!no element"},
    {"<!-- a -->", "!no element"},
    {"text", "!text outside of the root element"},
    {"<a/>text", "a= !text outside of the root element"},
    {"&lt;<a/>", "!text outside of the root element"},
    {"<![CDATA[ ]]><a/>", "!text outside of the root element"},
    {"<a/><b/>", "a= !a second root element"},
    {"<a>", "a!an element that does not end"},
    {"<a><b></a></b>", "a(b!an end tag that has no start"},
    {"<a></ab>", "a!an end tag that has no start"},
    {"<ab></a>", "ab!an end tag that has no start"},
    {"</a>", "!an end tag that has no start"},
    {"<a/></a>", "a= !an end tag that has no start"},
    {"<a></a", "a!a tag that does not end"},
    {"<a></a b='1'>", "a!a tag that does not end"},
    {"<a></>", "a!a tag without a name"},
    {"<a", "!a tag that does not end"},
    {"<a b='1'", "!a tag that does not end"},
    {"<a b='1'c='2'/>", "!a tag that does not end"},
    {"<a b>", "!an attribute without a value"},
    {"<a b=1>", "!an attribute without quotation marks"},
    {"<a b='1\">", "!an attribute that does not end"},
    {"<a b='<'>", "!an attribute that does not end"},
    {"<a b='&no;'>", "!an entity that is not XML's own"},
    {"<a ='1'>", "!a tag without a name"},
    {"<", "!a tag without a name"},
    {"< a/>", "!a tag without a name"},
    {"<1/>", "!a tag without a name"},
    {"<\xc3\xa9/>", "!a tag without a name"},
    {"<a\xc3\xa9/>", "!a tag that does not end"},
    {"<!DOCTYPE html><html/>", "!a document type"},
    {"<!DOCTYPE a [<!ENTITY b \"bbbbbbbb\">]><a>&b;</a>", "!a document type"},
    {"<a><!ENTITY b 'c'></a>", "a!a document type"},
    {"<a>&b;</a>", "a!an entity that is not XML's own"},
    {"<a>&LT;</a>", "a!an entity that is not XML's own"},
    {"<a>&</a>", "a!an entity that is not XML's own"},
    {"<a>&lt", "a!an entity that is not XML's own"},
    {"<a>&#0;</a>", "a!a reference to no character"},
    {"<a>&#;</a>", "a!a reference to no character"},
    {"<a>&#x;</a>", "a!a reference to no character"},
    {"<a>&#a;</a>", "a!a reference to no character"},
    {"<a>&#65</a>", "a!a reference to no character"},
    {"<a>&#-65;</a>", "a!a reference to no character"},
    {"<a>&#xd800;</a>", "a!a reference to no character"},
    {"<a>&#xffff;</a>", "a!a reference to no character"},
    {"<a>&#x110000;</a>", "a!a reference to no character"},
    {"<a>&#4294967361;</a>", "a!a reference to no character"}, /* 65 in 32 bits */
    {"<a>&#x1b;</a>", "a!a reference to no character"},
    {"<a>\x1b</a>", "a!a control character"},
    {"<a>\xff</a>", "a!bytes that are no UTF-8"},
    {"<a>\xc0\xbc</a>", "a!bytes that are no UTF-8"},
    {"<a>\xe2\x82</a>", "a!bytes that are no UTF-8"},
    {"<a>\xe2\x82", "a!bytes that are no UTF-8"},
    {"<a b='\xff'/>", "!bytes that are no UTF-8"},
    {"<!-- a", "!a comment that does not end"},
    {"<!-->", "!a comment that does not end"},
    {"<?xml", "!an instruction that does not end"},
    {"<a><![CDATA[]]", "a!a CDATA section that does not end"},
    {"<a><![CDATA[\x01]]></a>", "a!a control character"},
};

START_TEST(reads)
{
    ck_assert_str_eq(read_as(documents[_i].document, strlen(documents[_i].document)),
                     documents[_i].shown);
}
END_TEST

/* Whatever is cut off, there is no end but the right one. */
START_TEST(half_a_document_is_none)
{
    const char *document = documents[_i].document, *shown;
    if (strchr(documents[_i].shown, '!'))
        return;
    const char *last = strrchr(document, '>');
    if (last - document >= 3 && memcmp(last - 2, "-->", 3) == 0)
        last = strchr(document, '/') + 1; /* what comes behind the root may be left out */
    for (size_t length = 0; length < (size_t)(last - document); length++) {
        shown = read_as(document, length);
        ck_assert_msg(strchr(shown, '!'), "%.*s: %s", (int)length, document, shown);
    }
}
END_TEST

START_TEST(a_nul_is_no_character)
{
    ck_assert_str_eq(read_as("<a>\0</a>", 8), "a!a control character");
    ck_assert_str_eq(read_as("<a\0>", 4), "!a tag that does not end");
    ck_assert_str_eq(read_as("\0<a/>", 5), "!text outside of the root element");
    ck_assert_str_eq(read_as(NULL, 0), "!no element");
}
END_TEST

START_TEST(depth_is_bounded)
{
    char document[1024] = "";
    for (int depth = 0; depth < WCI_XML_DEPTH; depth++)
        memcpy(document + depth * 3, "<a>", 4);
    for (int depth = 0; depth < WCI_XML_DEPTH; depth++)
        memcpy(document + WCI_XML_DEPTH * 3 + depth * 4, "</a>", 5);
    ck_assert_ptr_null(strchr(read_as(document, strlen(document)), '!'));
    memcpy(document + WCI_XML_DEPTH * 3, "<a></a>", 8);
    ck_assert_ptr_nonnull(strstr(read_as(document, strlen(document)), "!elements that are nested"));
}
END_TEST

START_TEST(long_text_is_cut)
{
    char document[WCI_XML_TEXT + 32];
    for (int extra = 0; extra < 4; extra++) {
        int letters = WCI_XML_TEXT - 4 + extra; /* and a character of two bytes */
        int length = snprintf(document, sizeof document, "<a>%0*d\xc3\xa9x</a>", letters, 0);
        struct wci_xml xml;
        wci_xml_begin(&xml, document, (size_t)length);
        ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_OPEN);
        ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_CLOSE);
        ck_assert_int_eq(xml.text_is_cut, extra > 0);
        size_t kept = extra == 0   ? WCI_XML_TEXT - 1
                      : extra == 1 ? WCI_XML_TEXT - 1
                                   : (size_t)letters;
        ck_assert_uint_eq(xml.text_length, kept);
        ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_END);
    }
}
END_TEST

START_TEST(names_its_place)
{
    static const char document[] = "<s:Error><Code>1</Code><Codes/></s:Error>";
    struct wci_xml xml;
    wci_xml_begin(&xml, document, strlen(document));
    ck_assert(!wci_xml_is_at(&xml, ""));
    ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_OPEN);
    ck_assert(wci_xml_is_at(&xml, "Error"));
    ck_assert(!wci_xml_is_at(&xml, "s:Error"));
    ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_OPEN);
    static const char *const others[] = {"Error",      "Code",        "Error/", "/Error/Code",
                                         "Error/Cod",  "Error/Codes", "",       "Error/Code/",
                                         "Error/code", "Error/Code/x"};
    for (int closing = 0; closing < 2; closing++) {
        ck_assert(wci_xml_is_at(&xml, "Error/Code"));
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
            ck_assert_msg(!wci_xml_is_at(&xml, others[i]), "%s", others[i]);
        ck_assert_int_eq(wci_xml_next(&xml), closing ? WCI_XML_OPEN : WCI_XML_CLOSE);
    }
    ck_assert(wci_xml_is_at(&xml, "Error/Codes"));
    ck_assert(!wci_xml_is_at(&xml, "Error/Code"));
    ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_CLOSE);
    ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_CLOSE);
    ck_assert(wci_xml_is_at(&xml, "Error"));
    ck_assert_int_eq(wci_xml_next(&xml), WCI_XML_END);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("xml_read");
    TCase *all = harness_case(suite, "all");
    int count = sizeof documents / sizeof documents[0];
    tcase_add_loop_test(all, reads, 0, count);
    tcase_add_loop_test(all, half_a_document_is_none, 0, count);
    tcase_add_test(all, a_nul_is_no_character);
    tcase_add_test(all, depth_is_bounded);
    tcase_add_test(all, long_text_is_cut);
    tcase_add_test(all, names_its_place);
    return suite;
}
