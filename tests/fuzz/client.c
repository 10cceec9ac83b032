/* Who asks, as proxies and settings say it. The first line is a list of nets, the second the peer,
 * each further one an X-Forwarded-For. */
#include "client.h"

#include "fuzz.h"

enum { LINES_MAX = 16 };

/* An address has one form: what is written is read as the same again. */
static void check_text(const struct client *client)
{
    struct client again;
    char text[CLIENT_TEXT];
    client_text(client, text);
    must(client_read(text, strlen(text), &again));
    must(memcmp(client, &again, sizeof again) == 0);
    struct client net = client_for_limits(client), twice = client_for_limits(&net);
    must(memcmp(&net, &twice, sizeof net) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char sentence[CLIENT_SENTENCE] = "";
    char *headers[LINES_MAX];
    struct client_nets nets = {0};
    struct client peer = {{0}}, found;
    size_t count = 0;
    char *list = fuzz_line(&data, &size), *peer_text = fuzz_line(&data, &size);
    bool is_list = client_nets_read(list, &nets, sentence);
    must(is_list || (sentence[0] && strlen(sentence) < sizeof sentence - 1));
    must(nets.count <= CLIENT_NETS_MAX);
    if (!is_list)
        nets.count = 0;
    if (client_read(peer_text, strlen(peer_text), &peer))
        check_text(&peer);
    while (size > 0 && count < LINES_MAX)
        headers[count++] = fuzz_line(&data, &size);
    client_find(&peer, &nets, (const char *const *)headers, count, &found);
    check_text(&found);
    must(client_is_in(&peer, &nets) || memcmp(&found, &peer, sizeof peer) == 0);
    while (count > 0)
        free(headers[--count]);
    free(peer_text);
    free(list);
    return 0;
}
