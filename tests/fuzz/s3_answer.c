/* Answers as S3's servers send them, or whoever says to be one: what is taken from them is whole,
 * in its bounds and of its kind, whatever they say. */
#include "upload/outcome.h"

#include <wildcam/time.h>

#include "base/calendar.h"
#include "base/utf8.h"
#include "base/xml_read.h"
#include "fuzz.h"

/* A text that goes into a later request, or beside others into a log's line. */
static void check_token(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    must(length < size);
    for (size_t i = 0; i < length; i++)
        must(text[i] > ' ' && text[i] <= '~');
}

static void check_words(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    must(length < size && wci_utf8_is_valid(text, length));
    for (size_t i = 0; i < length; i++)
        must((unsigned char)text[i] >= ' ' && text[i] != '\x7f');
}

static void check_answer(const struct wci_exchange *exchange, enum wci_s3_verb verb)
{
    struct wci_s3_answer answer;
    memset(&answer, 0x55, sizeof answer);
    wci_s3_read(exchange, verb, &answer);
    must(answer.status == exchange->status);
    must(answer.is_error || (answer.status >= 200 && answer.status < 300));
    check_token(answer.code, sizeof answer.code);
    check_words(answer.message, sizeof answer.message);
    check_token(answer.etag, sizeof answer.etag);
    check_token(answer.checksum, sizeof answer.checksum);
    check_token(answer.request_id, sizeof answer.request_id);
    check_token(answer.upload_id, sizeof answer.upload_id);
    check_token(answer.region, sizeof answer.region);
    must(answer.region[0] == '\0' || wci_is_region(answer.region));
    must(strlen(answer.sha256) == 0 || strspn(answer.sha256, "0123456789abcdef") == 64);
    must(answer.retry_after >= -1 && answer.retry_after <= WCI_DAY);
    must(answer.content_length >= -1);
    enum wci_outcome outcome = wci_outcome_of(exchange, verb, &answer, 0);
    must(outcome >= 0 && outcome < WCI_OUTCOME_COUNT);
    /* A portal's page stores nothing. */
    if (outcome == WCI_OUTCOME_OK && (verb == WCI_S3_PUT || verb == WCI_S3_JOIN_PARTS))
        must(answer.etag[0] != '\0');
    if (outcome == WCI_OUTCOME_OK && verb == WCI_S3_BEGIN_PARTS)
        must(answer.upload_id[0] != '\0');
}

static void check_parts(const struct wci_exchange *exchange)
{
    struct wci_s3_part *parts = NULL;
    size_t count = 0, capacity = 0;
    int next, last = 0;
    wildcam_status status = wci_s3_read_parts(exchange, &parts, &count, &capacity, &next);
    must(status == WILDCAM_OK || status == WILDCAM_ERR_UPLOAD);
    must(status == WILDCAM_OK || (count == 0 && next == 0 && wildcam_error_message()[0]));
    for (size_t i = 0; i < count; i++) {
        must(parts[i].number > last && parts[i].number <= WCI_PARTS_MAX && parts[i].bytes >= 0);
        must(parts[i].etag[0] != '\0');
        check_token(parts[i].etag, sizeof parts[i].etag);
        last = parts[i].number;
    }
    must(next == 0 || (count > 0 && next >= last && next < WCI_PARTS_MAX));
    free(parts);
}

/* As many ends as starts, each at its depth. */
static void check_xml(const struct wci_exchange *exchange)
{
    struct wci_xml xml;
    enum wci_xml_step step;
    int depth = 0;
    char *document = fuzz_copy(exchange->answer.data, exchange->answer.length);
    wci_xml_begin(&xml, document, exchange->answer.length);
    while ((step = wci_xml_next(&xml)) == WCI_XML_OPEN || step == WCI_XML_CLOSE) {
        depth += step == WCI_XML_OPEN;
        must(xml.depth == depth && depth > 0 && depth <= WCI_XML_DEPTH);
        depth -= step == WCI_XML_CLOSE;
        must(strlen(xml.text) == xml.text_length);
        must(wci_utf8_is_valid(xml.text, xml.text_length));
        const struct wci_xml_name *name = &xml.path[xml.depth - 1];
        must(name->length > 0 && name->start >= document &&
             name->start + name->length < document + exchange->answer.length);
    }
    must(step == WCI_XML_END ? depth == 0 && !xml.wrong : xml.wrong && xml.wrong[0]);
    must(wci_xml_next(&xml) == step);
    free(document);
}

/* The first line is the verb's number and the status; the head's lines follow up to an empty one,
 * and then the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wci_exchange exchange;
    char *line = fuzz_line(&data, &size), *status;
    enum wci_s3_verb verb = strtoul(line, &status, 10) % (WCI_S3_DROP_PARTS + 1);
    wci_exchange_init(&exchange);
    exchange.status = (int)(strtoul(status, NULL, 10) % 1000);
    free(line);
    while (size) {
        line = fuzz_line(&data, &size);
        if (line[0])
            wci_text_add_format(&exchange.head, "%s\n", line);
        bool is_last = !line[0];
        free(line);
        if (is_last)
            break;
    }
    wci_text_add_bytes(&exchange.answer, size ? (const char *)data : "", size);
    check_answer(&exchange, verb);
    check_parts(&exchange);
    check_xml(&exchange);
    exchange.failure = WCI_LINK_BROKEN;
    check_answer(&exchange, verb);
    wci_exchange_release(&exchange);
    return 0;
}
