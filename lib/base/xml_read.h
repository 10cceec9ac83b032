/*
 * Reading XML as servers answer it: elements and their text, well-formed UTF-8.
 *
 * The document stays where it is and nothing is allocated, so that no document can ask for much:
 * one that has a document type, an entity of its own, or is nested deeper than WCI_XML_DEPTH is
 * refused. Attributes, comments and processing instructions are passed over.
 */
#ifndef WCI_BASE_XML_READ_H
#define WCI_BASE_XML_READ_H

#include <stdbool.h>
#include <stddef.h>

enum { WCI_XML_DEPTH = 16, WCI_XML_TEXT = 4096 };

enum wci_xml_step {
    WCI_XML_OPEN,  /* an element begins */
    WCI_XML_CLOSE, /* an element ends: `text` is what it holds */
    WCI_XML_END,   /* the document was whole */
    WCI_XML_WRONG  /* it is none: `wrong` says why; it stays at this */
};

struct wci_xml_name {
    const char *start; /* in the document */
    size_t length;
};

struct wci_xml {
    /* Of an element without elements in it, else "". A longer one is cut between characters. */
    char text[WCI_XML_TEXT];
    size_t text_length;
    bool text_is_cut;
    const char *wrong; /* a literal */

    /* The reader's own. */
    const char *at, *end;
    struct wci_xml_name path[WCI_XML_DEPTH];
    int depth;
    bool is_leaf, closes_next, leaves_next, has_root;
};

void wci_xml_begin(struct wci_xml *xml, const char *document, size_t length);
enum wci_xml_step wci_xml_next(struct wci_xml *xml);

/* Whether the element that just began or ended stands at this path from the root, "Error/Code";
 * prefixes of namespaces do not count. */
bool wci_xml_is_at(const struct wci_xml *xml, const char *path);

#endif
