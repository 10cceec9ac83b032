/*
 * The guide's MultiRegionS3Client: uploads a file to the first region that takes it, and prints the
 * bucket that has it. Regions, credentials and all else come from the environment: WILDCAM_S3_...
 *
 *   upload FILE KEY
 */
#include <stdio.h>
#include <wildcam/wildcam.h>

int main(int argc, char **argv)
{
    wildcam_conf *conf = NULL;
    wildcam_uploader *uploader = NULL;
    wildcam_receipt *receipt = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: upload FILE KEY\n");
        return 2;
    }
    wildcam_status status = wildcam_conf_new(&conf);
    if (status == WILDCAM_OK)
        status = wildcam_conf_load_environment(conf);
    if (status == WILDCAM_OK)
        status = wildcam_uploader_open(conf, &uploader);
    if (status == WILDCAM_OK)
        status = wildcam_uploader_send_file(uploader, argv[1], argv[2], NULL, &receipt);
    if (status == WILDCAM_OK)
        printf("%s\n", wildcam_receipt_get_bucket(receipt));
    else /* "All regions failed: us-west-2: ..." */
        fprintf(stderr, "%s\n", wildcam_error_message());
    wildcam_receipt_free(receipt);
    wildcam_uploader_close(uploader);
    wildcam_conf_free(conf);
    return status != WILDCAM_OK;
}
