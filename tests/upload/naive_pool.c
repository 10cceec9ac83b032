/*
 * What libcurl does by itself with pooled connections that the server has closed: the fault that
 * the transport has to live with.
 *
 *   naive_pool URL CA_FILE COUNT
 *
 * Makes COUNT requests at once, says "pooled", waits for a line, makes 9 requests in turn, and
 * prints libcurl's version as a number and the code that each came to.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

static CURL *make(const char *url, const char *ca_file)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 60L);
    return easy;
}

/* Until all that were added have ended; the last code. */
static int run(CURLM *multi)
{
    int running = 1, left, code = -1;
    CURLMsg *message;
    while (running) {
        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *easy = message->easy_handle;
            code = (int)message->data.result;
            curl_multi_remove_handle(multi, easy);
            curl_easy_cleanup(easy);
        }
        if (running)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    return code;
}

int main(int count, char **words)
{
    if (count != 4)
        return 2;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    long at_once = strtol(words[3], NULL, 10);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, at_once);
    for (long i = 0; i < at_once; i++)
        curl_multi_add_handle(multi, make(words[1], words[2]));
    printf("%d\n", run(multi));
    printf("pooled\n");
    fflush(stdout);
    (void)getchar();
    printf("%u", curl_version_info(CURLVERSION_NOW)->version_num);
    for (int i = 0; i < 9; i++) {
        curl_multi_add_handle(multi, make(words[1], words[2]));
        printf(" %d", run(multi));
    }
    printf("\n");
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return 0;
}
