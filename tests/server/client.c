/* Who asks, through proxies. */
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "support/harness.h"

static struct client client_of(const char *text)
{
    struct client client;
    ck_assert_msg(client_read(text, strlen(text), &client), "%s is an address", text);
    return client;
}

static const char *text_of(const struct client *client)
{
    static char text[CLIENT_TEXT];
    client_text(client, text);
    return text;
}

static struct client_nets nets_of(const char *text)
{
    struct client_nets nets;
    char sentence[CLIENT_SENTENCE] = "";
    ck_assert_msg(client_nets_read(text, &nets, sentence), "%s: %s", text, sentence);
    return nets;
}

START_TEST(addresses)
{
    static const char *const rows[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1:80", "192.0.2.1"},
        {"0.0.0.0:65535", "0.0.0.0"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:DB8:0:0::0:1", "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"[::ffff:c000:201]:1", "192.0.2.1"},
        {"::", "::"},
        {"::1", "::1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct client client = client_of(rows[i][0]);
        ck_assert_str_eq(text_of(&client), rows[i][1]);
    }
}
END_TEST

START_TEST(what_is_no_address)
{
    static const char *const texts[] = {"",
                                        "unknown",
                                        "_hidden",
                                        "192.0.2",
                                        "192.0.2.256",
                                        "192.0.2.1:",
                                        "192.0.2.1:x",
                                        "192.0.2.1:123456",
                                        "192.0.2.1/8",
                                        "192.0.2.1 ",
                                        " 192.0.2.1",
                                        ":::",
                                        "[2001:db8::1",
                                        "[2001:db8::1]x",
                                        "[2001:db8::1]:",
                                        "[]",
                                        "[192.0.2.1]",
                                        "2001:db8::1%lo",
                                        "1:2:3:4:5:6:7:8:9",
                                        "[",
                                        "]",
                                        ":",
                                        ":80",
                                        "1.2.3.4:5:6",
                                        "\xff",
                                        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};
    struct client client;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_msg(!client_read(texts[i], strlen(texts[i]), &client), "%s", texts[i]);
    ck_assert(!client_read("192.0.2.1\0x", 11, &client));
    ck_assert(client_read("192.0.2.1x", 9, &client)); /* the length counts */
}
END_TEST

START_TEST(sockets)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr = {htonl(0xc0000201)}};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct client client;
    client_from_socket((const struct sockaddr *)&v4, &client);
    ck_assert_str_eq(text_of(&client), "192.0.2.1");
    ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr), 1);
    client_from_socket((const struct sockaddr *)&v6, &client);
    ck_assert_str_eq(text_of(&client), "192.0.2.1");
    client_from_socket(&other, &client);
    ck_assert_str_eq(text_of(&client), "::");
    client_from_socket(NULL, &client);
    ck_assert_str_eq(text_of(&client), "::");
}
END_TEST

START_TEST(loopback)
{
    static const struct {
        const char *text;
        bool is;
    } rows[] = {{"127.0.0.1", true},   {"127.255.0.9", true},
                {"::1", true},         {"::ffff:127.1.2.3", true},
                {"128.0.0.1", false},  {"126.255.255.255", false},
                {"::2", false},        {"::", false},
                {"::127.0.0.1", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct client client = client_of(rows[i].text);
        ck_assert_msg(client_is_loopback(&client) == rows[i].is, "%s", rows[i].text);
    }
}
END_TEST

START_TEST(limits_are_those_of_the_net)
{
    static const char *const rows[][2] = {{"192.0.2.1", "192.0.2.1"},
                                          {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
                                          {"2001:db8:1:2::", "2001:db8:1:2::"},
                                          {"::ffff:192.0.2.1", "192.0.2.1"},
                                          {"::1", "::"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct client client = client_of(rows[i][0]);
        struct client net = client_for_limits(&client);
        ck_assert_str_eq(text_of(&net), rows[i][1]);
    }
}
END_TEST

START_TEST(nets)
{
    static const struct {
        const char *nets, *address;
        bool is_in;
    } rows[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"10.0.0.0/8", "::ffff:10.0.0.1", true},
        {"10.0.0.0/8", "a00::", false},
        {"192.0.2.64/26", "192.0.2.127", true},
        {"192.0.2.64/26", "192.0.2.128", false},
        {"192.0.2.64/26", "192.0.2.63", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1/32", "192.0.2.1", true},
        {"0.0.0.0/0", "255.1.2.3", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::/0", "2001:db8::1", true},
        {"::ffff:10.0.0.0/104", "10.9.9.9", true},
        {" 10.0.0.1 ,\t::1", "::1", true},
        {"10.0.0.1,::1", "10.0.0.2", false},
        {"", "127.0.0.1", false},
        {"  ", "::", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct client_nets list = nets_of(rows[i].nets);
        struct client client = client_of(rows[i].address);
        ck_assert_msg(client_is_in(&client, &list) == rows[i].is_in, "%s in %s", rows[i].address,
                      rows[i].nets);
    }
}
END_TEST

START_TEST(what_are_no_nets)
{
    static const char *const rows[][2] = {
        {"localhost", "\"localhost\" is no address"},
        {"10.0.0.1,", "\"\" is no address"},
        {",10.0.0.1", "\"\" is no address"},
        {"10.0.0.0/33", "\"10.0.0.0/33\" has a length that is not from 0 to 32"},
        {"::/129", "\"::/129\" has a length that is not from 0 to 128"},
        {"10.0.0.0/", "has a length that is not"},
        {"10.0.0.0/-1", "has a length that is not"},
        {"10.0.0.0/8/8", "has a length that is not"},
        {"10.0.0.0/99999999999", "has a length that is not"},
        {"10.0.0.1/8", "\"10.0.0.1/8\" has bits behind its length"},
        {"2001:db8::1/64", "has bits behind its length"},
        {"10.0.0.0:80", "is no address"},
        {"[::1]", "is no address"},
        {"10.0.0.1 10.0.0.2", "is no address"},
    };
    struct client_nets list;
    char sentence[CLIENT_SENTENCE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert(!client_nets_read(rows[i][0], &list, sentence));
        ck_assert_msg(strstr(sentence, rows[i][1]), "%s: %s", rows[i][0], sentence);
    }
}
END_TEST

START_TEST(number_of_nets)
{
    char text[CLIENT_NETS_MAX * 16 + 16] = "10.0.0.1", sentence[CLIENT_SENTENCE];
    struct client_nets list;
    for (int i = 1; i < CLIENT_NETS_MAX; i++)
        strcat(text, ",10.0.0.1");
    ck_assert(client_nets_read(text, &list, sentence));
    strcat(text, ",10.0.0.1");
    ck_assert(!client_nets_read(text, &list, sentence));
    ck_assert_str_eq(sentence, "there are more than 64 nets");
}
END_TEST

START_TEST(proxies)
{
    static const struct {
        const char *peer, *headers[3], *client;
    } rows[] = {
        /* Whoever is not trusted says nothing. */
        {"192.0.2.1", {"198.51.100.1"}, "192.0.2.1"},
        {"192.0.2.1", {NULL}, "192.0.2.1"},
        {"2001:db8::1", {"10.0.0.1"}, "2001:db8::1"},
        {"10.0.0.1", {NULL}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
        {"::ffff:10.0.0.1", {"198.51.100.1"}, "198.51.100.1"},
        {"10.0.0.1", {"2001:db8:ffff::1"}, "2001:db8:ffff::1"},
        {"10.0.0.1", {"[2001:db8:ffff::1]:99"}, "2001:db8:ffff::1"},
        {"10.0.0.1", {"::ffff:198.51.100.1"}, "198.51.100.1"},
        /* What the client wrote itself stands on the left. */
        {"10.0.0.1", {"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
        {"10.0.0.1", {"10.0.0.9, 198.51.100.1"}, "198.51.100.1"},
        {"10.0.0.1", {"127.0.0.1,198.51.100.1:1234"}, "198.51.100.1"},
        /* Hops that are trusted are passed over. */
        {"10.0.0.1", {"1.1.1.1, 198.51.100.1, 10.0.0.2,10.0.0.3"}, "198.51.100.1"},
        {"10.0.0.1", {"198.51.100.1 ,\t10.0.0.2 "}, "198.51.100.1"},
        {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
        /* Several headers are one list. */
        {"10.0.0.1", {"1.1.1.1", "198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
        {"10.0.0.1", {"198.51.100.1", "10.0.0.3, 10.0.0.2"}, "198.51.100.1"},
        {"10.0.0.1", {"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
        /* Nonsense ends it at the last one that was trusted. */
        {"10.0.0.1", {"nonsense"}, "10.0.0.1"},
        {"10.0.0.1", {""}, "10.0.0.1"},
        {"10.0.0.1", {","}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.1, nonsense, 10.0.0.2"}, "10.0.0.2"},
        {"10.0.0.1", {"198.51.100.1,"}, "10.0.0.1"},
        {"10.0.0.1", {"198.51.100.1,,10.0.0.2"}, "10.0.0.2"},
        {"10.0.0.1", {"198.51.100.1", "unknown"}, "10.0.0.1"},
        {"10.0.0.1", {"nonsense, 198.51.100.1"}, "198.51.100.1"},
    };
    struct client_nets trusted = nets_of("10.0.0.0/24, 10.1.0.0/16");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct client peer = client_of(rows[i].peer), client;
        size_t count = 0;
        while (count < 3 && rows[i].headers[count])
            count++;
        client_find(&peer, &trusted, rows[i].headers, count, &client);
        ck_assert_msg(strcmp(text_of(&client), rows[i].client) == 0, "row %zu: %s", i,
                      text_of(&client));
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("client");
    TCase *all = harness_case(suite, "all");
    tcase_add_test(all, addresses);
    tcase_add_test(all, what_is_no_address);
    tcase_add_test(all, sockets);
    tcase_add_test(all, loopback);
    tcase_add_test(all, limits_are_those_of_the_net);
    tcase_add_test(all, nets);
    tcase_add_test(all, what_are_no_nets);
    tcase_add_test(all, number_of_nets);
    tcase_add_test(all, proxies);
    return suite;
}
