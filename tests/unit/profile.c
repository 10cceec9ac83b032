/* The files that AWS's tools share: which of their lines are a profile's keys. */
#include "upload/profile.h"

#include "unit.h"

static void assert_word(struct wci_word word, const char *wanted)
{
    ck_assert_msg(wci_word_is(word, wanted), "\"%.*s\" is not \"%s\"", (int)word.length,
                  word.length ? word.begin : "", wanted);
}

static const struct {
    const char *text, *name;
    bool is_config, is_there;
    const char *access_key, *secret_key, *session_token;
} files[] = {
    {"[default]\naws_access_key_id = AK\naws_secret_access_key = SK\naws_session_token = ST\n",
     "default", false, true, "AK", "SK", "ST"},
    {"[default]\naws_access_key_id=AK\naws_secret_access_key=SK", "default", false, true, "AK",
     "SK", ""},
    {"\n# comment\n; another\r\n[default]\r\nAWS_Access_Key_Id : "
     "AK\r\naws_secret_access_key=S=K:/+\r\n",
     "default", false, true, "AK", "S=K:/+", ""},
    {"[other]\naws_access_key_id = no\n[mine]\naws_access_key_id = AK\n[last]\naws_access_key_id = "
     "no\n",
     "mine", false, true, "AK", "", ""},
    {"[mine]\naws_access_key_id = old\n[x]\n[mine]\naws_secret_access_key = SK\naws_access_key_id "
     "= "
     "new",
     "mine", false, true, "new", "SK", ""},
    {"[mine]\naws_access_key_id = AK # a comment\naws_secret_access_key = S#K\t; another", "mine",
     false, true, "AK", "S#K", ""},
    {"[mine]\naws_access_key_id = # nothing\naws_secret_access_key =\n", "mine", false, true, "",
     "", ""},
    {"[mine] # a comment\naws_access_key_id = AK", "mine", false, true, "AK", "", ""},
    {"[ mine ]\n  aws_access_key_id = AK\n  aws_secret_access_key = SK\n", "mine", false, true,
     "AK", "SK", ""},
    /* What stands deeper belongs to the setting before it. */
    {"[mine]\ns3 =\n  aws_access_key_id = no\naws_secret_access_key = SK", "mine", false, true, "",
     "SK", ""},
    {"[mine]\nregion = x\n  [other]\naws_access_key_id = AK", "mine", false, true, "AK", "", ""},
    {"[mine]\naws_access_key_id_old = no\nmy_aws_access_key_id = no\naws_access_key_id", "mine",
     false, true, "", "", ""},
    {"aws_access_key_id = no\n", "default", false, false, "", "", ""},
    {"", "default", false, false, "", "", ""},
    {"[", "default", false, false, "", "", ""},
    {"[default\naws_access_key_id = no", "default", false, false, "", "", ""},
    {"[]\naws_access_key_id = no", "", false, true, "no", "", ""},
    {"[profile mine]\naws_access_key_id = no", "mine", false, false, "", "", ""},
    {"[Mine]\naws_access_key_id = no", "mine", false, false, "", "", ""},
    /* In a config file the word "profile" comes first. */
    {"[profile mine]\naws_access_key_id = AK", "mine", true, true, "AK", "", ""},
    {"[profile \"my own\"]\naws_access_key_id = AK", "my own", true, true, "AK", "", ""},
    {"[profile\t'mine']\naws_access_key_id = AK", "mine", true, true, "AK", "", ""},
    {"[profile default]\naws_access_key_id = AK", "default", true, true, "AK", "", ""},
    {"[default]\naws_access_key_id = AK", "default", true, true, "AK", "", ""},
    {"[mine]\naws_access_key_id = no", "mine", true, false, "", "", ""},
    {"[profilemine]\naws_access_key_id = no", "mine", true, false, "", "", ""},
    {"[sso-session mine]\naws_access_key_id = no", "mine", true, false, "", "", ""},
};

START_TEST(reads_a_profile)
{
    struct wci_profile profile;
    wci_profile_read(files[_i].text, files[_i].name, files[_i].is_config, &profile);
    ck_assert(profile.is_there == files[_i].is_there);
    assert_word(profile.access_key, files[_i].access_key);
    assert_word(profile.secret_key, files[_i].secret_key);
    assert_word(profile.session_token, files[_i].session_token);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("profile");
    TCase *all = harness_case(suite, "all");
    tcase_add_loop_test(all, reads_a_profile, 0, sizeof files / sizeof files[0]);
    return suite;
}
