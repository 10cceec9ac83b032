/* What a child of process:COMMAND says: its hello on the first line, and an answer for picture 7 on
 * the second. Whatever it is, what is taken from it is in its bounds. */
#include "process/answer.h"

#include "base/utf8.h"
#include "fuzz.h"
#include "process/findings.h"

static void check_part(double value)
{
    must(value >= 0 && value <= 1);
}

static void check_guess(const struct wci_guess *guess)
{
    must(guess->name && guess->name[0] && strlen(guess->name) <= WCI_LABEL_TEXT_MAX);
    check_part(guess->confidence);
}

static void check_seen(const struct wci_seen *seen)
{
    check_guess(&seen->what);
    must(seen->guess_count >= 0 && seen->guess_count <= WCI_GUESSES_MOST);
    for (int i = 0; i < seen->guess_count; i++) {
        check_guess(&seen->guesses[i]);
        must(i == 0 || seen->guesses[i - 1].confidence >= seen->guesses[i].confidence);
    }
    if (!seen->has_box)
        return;
    check_part(seen->box.x);
    check_part(seen->box.y);
    check_part(seen->box.x + seen->box.width - 1e-12);
    check_part(seen->box.y + seen->box.height - 1e-12);
    must(seen->box.width > 0 && seen->box.height > 0);
}

/* What is well-formed can be reported: nothing of it is refused. */
static void check_report(struct wci_answer *answer)
{
    struct wci_detector detector = {0};
    struct wildcam_findings findings;
    wci_findings_init(&findings);
    must(wci_findings_begin(&findings, &detector) == WILDCAM_OK);
    must(wci_seen_report(answer->seen, answer->count, (struct wci_seen_least){0.2, 0.2},
                         &findings) == WILDCAM_OK);
    must(findings.count >= 1 && findings.count <= WCI_ANSWER_MOST);
    wci_findings_release(&findings);
}

static void check_answer(const char *line, size_t size, const struct wci_hello *hello)
{
    struct wci_answer answer;
    wildcam_status status = wci_answer_read(line, size, hello, 7, &answer);
    must(status == WILDCAM_OK || status == WILDCAM_ERR_INVALID);
    must(strlen(answer.failure) <= WCI_REASON_TEXT_MAX);
    must(wci_utf8_is_valid(answer.failure, strlen(answer.failure)));
    must(status == WILDCAM_OK ? answer.seen || answer.failure[0] : !answer.seen);
    must(answer.count <= WCI_ANSWER_MOST);
    for (size_t i = 0; i < answer.count; i++)
        check_seen(&answer.seen[i]);
    if (status == WILDCAM_OK && answer.seen)
        check_report(&answer);
    wci_answer_free(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wci_hello hello, silent = {0};
    const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
    size_t first = end ? (size_t)(end - data) : size, rest = end ? size - first - 1 : 0;
    char *line = fuzz_copy(data, first), *answer = fuzz_copy(rest ? end + 1 : data, rest);
    wildcam_status status = wci_hello_read(line, first, &hello);
    must(status == WILDCAM_OK || status == WILDCAM_ERR_INVALID ||
         status == WILDCAM_ERR_UNSUPPORTED);
    must(status == WILDCAM_OK ? hello.name && hello.version : !hello.json);
    check_answer(answer, rest, status == WILDCAM_OK ? &hello : &silent);
    if (status == WILDCAM_OK)
        wci_hello_free(&hello);
    free(line);
    free(answer);
    return 0;
}
