/* Prints CONFIGURATION.md from the table of settings. */
#include <stdio.h>
#include <string.h>

#include "conf/table.h"

static const char head[] =
    "# Settings\n"
    "\n"
    "<!-- Made from lib/conf/settings.h by `ninja -C build configuration`. -->\n"
    "\n"
    "A setting is given, the later winning over the earlier,\n"
    "\n"
    "- in a file of lines `name = value` (`wildcam-server --config FILE`, "
    "`wildcam_conf_load_file()`); `#` begins a comment,\n"
    "- in the environment, the name in capitals behind `WILDCAM_`, dots as underscores: "
    "`WILDCAM_DATA_DIR=/srv/station`, `WILDCAM_S3_ENDPOINT_US_WEST_2=http://127.0.0.1:9000`; "
    "a variable that is no setting's is passed over,\n"
    "- by option: `--set data.dir=/srv/station`,\n"
    "- in code: `wildcam_conf_set(conf, \"data.dir\", \"/srv/station\")`.\n"
    "\n"
    "A value that is not of its type or outside its range is refused with a sentence that names "
    "the setting, the value and the range. A word in capitals in a name stands for many: "
    "`s3.endpoint.REGION` for `s3.endpoint.us-west-2`, and so on.\n"
    "\n"
    "| type | takes |\n"
    "|---|---|\n"
    "| text | UTF-8 without control characters |\n"
    "| int | a whole number |\n"
    "| size | bytes; K, M, G or T behind the number are 1024 and its powers: `16M` |\n"
    "| number | a number; the decimal sign is a point |\n"
    "| bool | true or false; also yes, no, on, off, 1, 0 |\n"
    "| choice | one of the words |\n"
    "| geometry | width and height: `320x240` |\n";

/* Settings of one group share the part of their names before the first dot. */
static bool begins_group(const wildcam_setting *row, const wildcam_setting *before)
{
    size_t length = strcspn(row->name, ".") + 1;
    return !before || strncmp(row->name, before->name, length) != 0;
}

static void print_row(const wildcam_setting *row)
{
    char limits[256];
    wci_setting_limits(row, limits, sizeof limits);
    printf("| `%s` | %s | %s%s%s | %s%s%s | %s%s Since %s. |\n", row->name,
           wci_setting_type_name(row->type), limits, row->unit[0] ? " " : "", row->unit,
           row->standard[0] ? "`" : "", row->standard, row->standard[0] ? "`" : "", row->help,
           row->secret ? " Secret: it is never shown." : "", row->since);
}

int main(void)
{
    const wildcam_setting *before = NULL, *row;
    fputs(head, stdout);
    for (size_t i = 0; (row = wci_setting_row(i)); before = row, i++) {
        if (begins_group(row, before))
            printf("\n## %.*s\n\n| name | type | range | default | what it does |\n"
                   "|---|---|---|---|---|\n",
                   (int)strcspn(row->name, "."), row->name);
        print_row(row);
    }
    return ferror(stdout) || fflush(stdout) != 0;
}
