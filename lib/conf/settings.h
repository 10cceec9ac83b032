/*
 * The one table of settings. From it come validation, CONFIGURATION.md, the server's config file,
 * --set NAME=VALUE and the environment's WILDCAM_NAMEs.
 *
 * X(ID, name, TYPE, unit, default, min, max, words, secret, since, help)
 *
 * `words` are those of a CHOICE, separated by commas; of a TEXT the name of the form (conf/form.h)
 * that it is in unless it is empty; of a NUMBER its least, where that is not whole. A TEXT's max is
 * its length in bytes. A name that ends in capitals is that of a family: a word of the user's
 * stands there, and there may be many.
 */
#ifndef WCI_CONF_SETTINGS_H
#define WCI_CONF_SETTINGS_H

/* clang-format off */
#define WCI_SETTINGS(X)                                                                            \
    X(DATA_DIR, "data.dir", TEXT, "", "", 0, 2048, "", 0, "0.1",                                   \
      "The directory that holds the station: its databases, its pictures. Needed.")               \
    X(DATA_CREATE, "data.create", BOOL, "", "true", 0, 1, "", 0, "0.1",                            \
      "Whether a station is made when `data.dir` holds none. If not, opening one fails: when a "  \
      "disk is not mounted, its pictures do not go to another.")                                  \
    X(CAMERAS_AUTO_REGISTER, "cameras.auto_register", BOOL, "", "true", 0, 1, "", 0, "0.1",        \
      "Whether a picture or detection from a device that is not known registers the device. If "  \
      "not, it is refused.")                                                                       \
    X(STORE_SHARD, "store.shard", CHOICE, "", "month", 0, 0, "month,day", 0, "0.1",                \
      "What one database file holds. A month that was begun in days goes on in days, one begun "  \
      "whole goes on whole.")                                                                      \
    X(STORE_DURABILITY, "store.durability", CHOICE, "", "full", 0, 0, "full,normal", 0, "0.1",     \
      "full: what is acknowledged survives a loss of power. normal: it survives the end of the "  \
      "process; a loss of power may take what came in the last minute, or of a picture the file " \
      "alone, which `wildcam check` names.")                                                      \
    X(STORE_OPEN_SHARDS, "store.open_shards", INT, "files", "16", 2, 1024, "", 0, "0.1",           \
      "How many shards are kept open at most while nobody uses them.")                            \
    X(STORE_BUSY_TIMEOUT, "store.busy_timeout", NUMBER, "seconds", "10", 0, 3600, "", 0, "0.1",    \
      "How long to wait for another process that is writing.")                                    \
    X(STORE_WAL_BYTES, "store.wal_bytes", SIZE, "bytes", "16777216", 65536, 1073741824, "", 0,     \
      "0.1",                                                                                       \
      "How long a write-ahead log may grow before its content is moved into its database.")       \
    X(STORE_SLOW_QUERY, "store.slow_query", NUMBER, "seconds", "1", 0, 3600, "", 0, "0.1",         \
      "A statement of the database's that takes so long, a commit and its wait for the disk too, " \
      "is logged as a warning: how long it took, which shard it was on, and its text without the " \
      "values. It is measured in whole milliseconds. 0: none is.")                                 \
    X(IMAGES_MAX_BYTES, "images.max_bytes", SIZE, "bytes", "16777216", 1024, 1073741824, "", 0,    \
      "0.1", "The longest picture that is accepted.")                                             \
    X(IMAGES_MAX_PIXELS, "images.max_pixels", INT, "pixels", "100000000", 1, 4294836225, "", 0,    \
      "0.1",                                                                                       \
      "The most pixels a picture may have. A progressive one may have ten passes over so many, "  \
      "which bounds the time that decoding it takes.")                                            \
    X(IMAGES_MAX_SCANS, "images.max_scans", INT, "scans", "500", 1, 1000000, "", 0, "0.1",         \
      "The most scans (passes) a progressive picture may have. Honest ones have about ten; "      \
      "decoders stop at 500.")                                                                    \
    X(IMAGES_DECODE_BYTES, "images.decode_bytes", SIZE, "bytes", "268435456", 16777216,            \
      1099511627776, "", 0, "0.1",                                                                 \
      "The most memory that decoding may take, all pictures that are decoded at one time "        \
      "together. A picture that needs more by itself is refused.")                                \
    X(IMAGES_THUMBNAIL, "images.thumbnail", GEOMETRY, "pixels", "320x240", 16, 4096, "", 0, "0.1", \
      "The box that a thumbnail fits into, keeping its shape.")                                   \
    X(IMAGES_STRIP, "images.strip", CHOICE, "", "none", 0, 0, "none,place,serial,all", 0, "0.1",   \
      "What the server takes out of the pictures that it hands out: the place (GPS data), the "   \
      "camera's serial number, or both. What is kept stays whole, in S3 too, and a picture's "    \
      "name there follows from its thumbnail's: a CDN must not hand out `images/`.")              \
    X(IMAGES_QUARANTINE, "images.quarantine", BOOL, "", "false", 0, 1, "", 0, "0.1",               \
      "Whether pictures that are refused are kept in `quarantine/` in `data.dir`, each with its " \
      "reason beside it.")                                                                         \
    X(IMAGES_QUARANTINE_BYTES, "images.quarantine_bytes", SIZE, "bytes", "104857600", 0,           \
      1099511627776, "", 0, "0.1",                                                                 \
      "How much the quarantine may hold; the oldest go first.")                                   \
    X(EVENTS_GAP, "events.gap", INT, "seconds", "60", 1, 86400, "", 0, "0.1",                      \
      "Pictures of a camera that are no further apart belong to one event, unless the camera "     \
      "itself counts them. What is grouped already stays as it is when this changes, until "       \
      "`wildcam events --gap` groups it anew.")                                                    \
    X(RETENTION_DAYS, "retention.days", INT, "days", "0", 0, 36500, "", 0, "0.1",                  \
      "For how many days pictures are kept, from the later of their capture and their reception " \
      "on; then they are deleted, file and rows. Verified ones, favourites, those that S3 does "  \
      "not have while uploads are on, and those that detectors have not looked at while there "   \
      "are some (`retention.keep_owed`), stay. 0: for ever, unless space is short.")               \
    X(RETENTION_DAYS_BLANK, "retention.days.blank", INT, "days", "-1", -1, 36500, "", 0, "0.1",  \
      "The same for pictures with nothing on them. -1: what `retention.days` says; 0: for ever, whatever the disk.") \
    X(RETENTION_DAYS_ANIMAL, "retention.days.animal", INT, "days", "-1", -1, 36500, "", 0, "0.1",  \
      "The same for pictures with animals, and without people. -1: what `retention.days` says; 0: for ever, whatever the disk.") \
    X(RETENTION_DAYS_HUMAN, "retention.days.human", INT, "days", "-1", -1, 36500, "", 0, "0.1",  \
      "The same for pictures with people, whatever else is on them. -1: what `retention.days` says; 0: for ever, whatever the disk.") \
    X(RETENTION_DAYS_VEHICLE, "retention.days.vehicle", INT, "days", "-1", -1, 36500, "", 0, "0.1",  \
      "The same for pictures with vehicles, and without people or animals. -1: what `retention.days` says; 0: for ever, whatever the disk.") \
    X(RETENTION_DAYS_UNKNOWN, "retention.days.unknown", INT, "days", "-1", -1, 36500, "", 0, "0.1",  \
      "The same for pictures with something that nobody can name, and nothing else. -1: what `retention.days` says; 0: for ever, whatever the disk.") \
    X(RETENTION_DAYS_UNCLASSIFIED, "retention.days.unclassified", INT, "days", "-1", -1, 36500, "", 0, "0.1",  \
      "The same for pictures that nobody has said anything of. -1: what `retention.days` says; 0: for ever, whatever the disk.") \
    X(RETENTION_MIN_FREE_BYTES, "retention.min_free_bytes", SIZE, "bytes", "0", 0,                 \
      1125899906842624, "", 0, "0.1",                                                              \
      "How much of the disk is to be free at `data.dir`: with less, blank pictures are deleted, "  \
      "then others, the oldest first, but for those that stay whatever their age and categories "  \
      "whose own days are 0. More than `disk.min_free_bytes`, or nothing new is taken before. 0: " \
      "this deletes nothing.")                                                                     \
    X(RETENTION_MIN_FREE_PERCENT, "retention.min_free_percent", NUMBER, "percent", "0", 0, 90, "", \
      0, "0.1", "The same as a part of the disk's size. The higher of the two holds.")             \
    X(RETENTION_KEEP_OWED, "retention.keep_owed", BOOL, "", "true", 0, 1, "", 0, "0.1",            \
      "Whether pictures that S3 does not have, or detectors have not looked at, stay as soon as "  \
      "any program has opened the station with uploads on, or with detectors. false: only while "  \
      "the program that deletes has these settings itself; for a station that has given up "       \
      "uploads or detectors for good.")                                                            \
    X(PRIVACY_HUMANS, "privacy.humans", CHOICE, "", "show", 0, 0, "show,blur,hide", 0, "0.1",      \
      "What viewers see of pictures with people on them: all; a copy in which the whole box of "   \
      "each is beyond recognition, thumbnails too; or nothing. Admins see what was kept.")         \
    X(PRIVACY_CONFIDENCE, "privacy.confidence", NUMBER, "", "0.2", 0, 1, "", 0, "0.1",             \
      "How sure it must be that somebody is there, or something that nobody can name. A word "     \
      "without a confidence, such as a person's, is sure enough.")                                 \
    X(PRIVACY_UNPROCESSED, "privacy.unprocessed", CHOICE, "", "hide", 0, 0, "hide,show", 0, "0.1", \
      "What viewers see of pictures that nobody has looked at yet, unless `privacy.humans` is "    \
      "show: those that the detectors of `process.detector` have not been through, and those of "  \
      "which neither a detector nor a camera nor a person has said what is on them. `motion` does " \
      "not say that.")                                                                             \
    X(DISK_MIN_FREE_BYTES, "disk.min_free_bytes", SIZE, "bytes", "134217728", 0,                   \
      1125899906842624, "", 0, "0.1",                                                              \
      "The disk's floor: nothing new is accepted when less than this is free at `data.dir`.")     \
    X(DISK_MIN_FREE_PERCENT, "disk.min_free_percent", NUMBER, "percent", "0", 0, 90, "", 0, "0.1", \
      "The disk's floor as a part of its size. The higher of the two floors holds.")              \
    X(S3_REGIONS, "s3.regions", TEXT, "", "us-west-2,us-east-1,eu-west-1", 0, 1024, "regions", 0,  \
      "0.1",                                                                                       \
      "The regions that pictures are uploaded to, the preferred one first, with commas between "   \
      "them: a picture goes to the first that takes it. Empty: nothing is uploaded.")              \
    X(S3_BUCKET, "s3.bucket", TEXT, "", "wildcam-{region}", 1, 255, "bucket", 0, "0.1",            \
      "The bucket in each region; `{region}` stands for the region's name.")                       \
    X(S3_ENDPOINT, "s3.endpoint", TEXT, "", "", 0, 1024, "endpoint", 0, "0.1",                     \
      "The address of an S3 server of one's own, such as http://127.0.0.1:9000; it may hold "      \
      "`{region}`. Empty: AWS.")                                                                   \
    X(S3_ENDPOINT_REGION, "s3.endpoint.REGION", TEXT, "", "", 0, 1024, "endpoint", 0, "0.1",       \
      "The address of the S3 server of one region, such as `s3.endpoint.us-west-2`, in the "       \
      "environment `WILDCAM_S3_ENDPOINT_US_WEST_2`. Empty: as `s3.endpoint` says.")                \
    X(S3_PATH_STYLE, "s3.path_style", CHOICE, "", "auto", 0, 0, "auto,true,false", 0, "0.1",       \
      "Whether the bucket stands in the path of an address (`/bucket/key`) or before its host "    \
      "(`bucket.host`). auto: in the path where there is an endpoint of one's own.")               \
    X(S3_ACCESS_KEY, "s3.access_key", TEXT, "", "", 0, 128, "visible", 0, "0.1",                   \
      "The access key's name. Empty: credentials come from where `s3.credentials` says.")          \
    X(S3_SECRET_KEY, "s3.secret_key", TEXT, "", "", 0, 1024, "visible", 1, "0.1",                  \
      "The secret that belongs to `s3.access_key`.")                                               \
    X(S3_SESSION_TOKEN, "s3.session_token", TEXT, "", "", 0, 16384, "visible", 1, "0.1",           \
      "The session token that belongs to `s3.access_key`, where it is a temporary one.")           \
    X(S3_CREDENTIALS, "s3.credentials", TEXT, "", "environment,file", 0, 255, "sources", 0, "0.1", \
      "Where credentials are looked for, in this order, when there are neither `s3.access_key` "   \
      "nor a callback. environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "                    \
      "AWS_SESSION_TOKEN. file: that of AWS_SHARED_CREDENTIALS_FILE or `~/.aws/credentials`, "     \
      "then that of AWS_CONFIG_FILE or `~/.aws/config`; they are read again when they change. "    \
      "web_identity: a role by AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, from AWS's token "    \
      "service. container: an ECS task's or EKS pod's, by "                                        \
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI. instance: "   \
      "an EC2 instance's role, by IMDSv2. A place that has none is passed over; one that is "      \
      "filled in by half is a mistake.")                                                           \
    X(S3_PROFILE, "s3.profile", TEXT, "", "", 0, 255, "", 0, "0.1",                                \
      "The profile in the shared credentials file. Empty: AWS_PROFILE, or else `default`.")        \
    X(S3_UPLOAD, "s3.upload", CHOICE, "", "auto", 0, 0, "auto,on,off", 0, "0.1",                   \
      "Whether pictures are uploaded. auto: when the station was given `s3.access_key`, a "        \
      "callback for credentials or an endpoint of its own. Credentials that merely lie in the "    \
      "environment begin no upload, because the names of buckets are shared by all the world.")    \
    X(S3_ATTEMPTS, "s3.attempts", INT, "attempts", "3", 1, 20, "", 0, "0.1",                       \
      "How often each region is tried for one picture before the next one is.")                    \
    X(S3_CONNECTIONS, "s3.connections", INT, "connections", "50", 1, 1000, "", 0, "0.1",           \
      "How many connections are open at once, all regions together.")                              \
    X(S3_FAILBACK, "s3.failback", NUMBER, "seconds", "60", 0, 86400, "", 0, "0.1",                 \
      "How long a region that failed is left alone before it is tried again.")                     \
    X(S3_DEADLINE, "s3.deadline", NUMBER, "seconds", "120", 1, 86400, "", 0, "0.1",                \
      "How long one upload may try all in all. The picture stays due and is tried again later.")   \
    X(S3_CONNECT_TIMEOUT, "s3.connect_timeout", NUMBER, "seconds", "3", 0, 300, "0.1", 0,       \
      "0.1",                                                                                       \
      "How long to wait for a connection. On a link that proves slow, up to half a minute.")                                                        \
    X(S3_IDLE_TIMEOUT, "s3.idle_timeout", NUMBER, "seconds", "20", 1, 3600, "", 0, "0.1",          \
      "A transfer of which nothing moves for so long is given up.")                                \
    X(S3_MULTIPART_BYTES, "s3.multipart_bytes", SIZE, "bytes", "16777216", 5242880, 5368709120,    \
      "", 0, "0.1",                                                                                \
      "Files of this size or more are uploaded in parts, and what has arrived of them is not "     \
      "sent again.")                                                                               \
    X(S3_PART_BYTES, "s3.part_bytes", SIZE, "bytes", "8388608", 5242880, 5368709120, "", 0, "0.1", \
      "The size of a part.")                                                                       \
    X(S3_CA_FILE, "s3.ca_file", TEXT, "", "", 0, 2048, "", 0, "0.1",                               \
      "A file of certificates (PEM) that S3 servers are trusted by, in place of the system's.")    \
    X(S3_RATE_LIMIT, "s3.rate_limit", SIZE, "bytes/s", "0", 0, 1125899906842624, "", 0, "0.1",     \
      "How fast all uploads together may send. 0: as fast as they can.")                           \
    X(S3_ORDER, "s3.order", CHOICE, "", "newest", 0, 0, "newest,oldest", 0, "0.1",                 \
      "Which pictures are uploaded first.")                                                        \
    X(S3_THUMBNAILS, "s3.thumbnails", CHOICE, "", "first", 0, 0, "first,last,off", 0, "0.1",       \
      "Whether thumbnails are uploaded before the full pictures, after them, or not at all.")      \
    X(S3_WINDOW, "s3.window", TEXT, "", "", 0, 32, "window", 0, "0.1",                             \
      "The part of the day in which pictures are uploaded, such as 22:00-06:00, in UTC, or with"   \
      " the offset of its clock, such as 22:00-06:00+02:00. Empty: all day.")                      \
    X(S3_CHECKSUM, "s3.checksum", CHOICE, "", "auto", 0, 0, "auto,on,off", 0, "0.1",               \
      "Whether `x-amz-checksum-sha256` is sent, which the server compares and keeps. auto: to "    \
      "AWS only.")                                                                                 \
    X(S3_IF_NONE_MATCH, "s3.if_none_match", BOOL, "", "false", 0, 1, "", 0, "0.1",                 \
      "Whether `If-None-Match: *` is sent, so that the server replaces no object. Not every "      \
      "server knows it.")                                                                          \
    X(S3_PRESIGN_SECONDS, "s3.presign_seconds", INT, "seconds", "3600", 1, 604800, "", 0, "0.1",   \
      "How long a presigned address of a picture can be used.")                                    \
    X(CDN_BASE_URL, "cdn.base_url", TEXT, "", "", 0, 1024, "address", 0, "0.1",                    \
      "The address of a content delivery network that stands before the bucket, such as "          \
      "https://pictures.example.org; a picture's key is added to it. Empty: there is none.")       \
    X(RELEASE_KEEP_DAYS, "release.keep_days", NUMBER, "days", "0", 0, 36500, "", 0, "0.1",         \
      "How long the files of pictures stay on the disk after their upload was verified. The "      \
      "rows stay, and the pictures are read from S3. 0: no file is deleted for its age.")          \
    X(RELEASE_MIN_FREE_BYTES, "release.min_free_bytes", SIZE, "bytes", "0", 0, 1125899906842624,   \
      "", 0, "0.1",                                                                                \
      "While less than this is free at `data.dir`, the files of the oldest pictures whose "        \
      "upload was verified are deleted. 0: no file is deleted for its room.")                      \
    X(PROCESS_DETECTOR, "process.detector", TEXT, "", "", 0, 1024, "detectors", 0, "0.1",          \
      "What looks at each picture, in this order, with commas between them: the names of "         \
      "detectors, which the program that opened the station may have added to. Empty: pictures "   \
      "are not looked at, and wait.")                                                              \
    X(PROCESS_WORKERS, "process.workers", INT, "threads", "1", 0, 64, "", 0, "0.1",                \
      "How many pictures are looked at at once, by one thread each. 0: none is until "             \
      "`wildcam process` or the program itself does it.")                                          \
    X(PROCESS_ORDER, "process.order", CHOICE, "", "newest", 0, 0, "newest,oldest", 0, "0.1",       \
      "Which of the pictures that wait are looked at first, within their priority.")               \
    X(PROCESS_ATTEMPTS, "process.attempts", INT, "attempts", "5", 1, 100, "", 0, "0.1",            \
      "How often a picture is tried before it is parked with its reason. One that is damaged is "  \
      "parked at once.")                                                                           \
    X(PROCESS_RETRY_SECONDS, "process.retry_seconds", NUMBER, "seconds", "10", 0, 3600, "", 0,     \
      "0.1",                                                                                       \
      "How long to wait at most before the second try; twice as long before each further one, up " \
      "to an hour. How much of it is by chance.")                                                  \
    X(PROCESS_CONFIDENCE, "process.confidence", NUMBER, "", "0.2", 0, 1, "", 0, "0.1",             \
      "What `process:` and `onnx:` are less sure of than this is not kept; where viewers do not "  \
      "see people (`privacy.humans`), those and what has no name from `privacy.confidence` on. 1 " \
      "is certain.")                                                                               \
    X(PROCESS_CHILDREN, "process.children", INT, "children", "1", 1, 64, "", 0, "0.1",             \
      "How many children each `process:` of `process.detector` has at most: so many pictures are " \
      "before it at one time, and so often its models are in memory. More than there are workers " \
      "have nothing to do.")                                                                       \
    X(PROCESS_TIMEOUT, "process.timeout", NUMBER, "seconds", "60", 0, 86400, "0.1", 0, "0.1",      \
      "How long a child may take for a picture. Then it is killed, and another one started.")      \
    X(PROCESS_START_TIMEOUT, "process.start_timeout", NUMBER, "seconds", "300", 0, 86400, "0.1",   \
      0, "0.1", "How long a child may take until it is ready for its first picture.")              \
    X(PROCESS_ENVIRONMENT, "process.environment", TEXT, "", "", 0, 1024, "variables", 0, "0.1",    \
      "Environment variables that children get beside the usual ones (PATH, HOME, LANG and so "    \
      "on), with commas between them; `NAME*` stands for all that begin so. None of ours, which "  \
      "may be secrets, is passed on unless it is named here.")                                     \
    X(PROCESS_MOTION_SENSITIVITY, "process.motion_sensitivity", NUMBER, "", "0.5", 0, 1, "", 0,    \
      "0.1",                                                                                       \
      "How little contrast `motion` takes for something. 0: it misses more animals. 1: grass in "  \
      "the wind and shadows move more often.")                                                     \
    X(PROCESS_MOTION_AREA, "process.motion_area", NUMBER, "", "0.0004", 0, 1, "", 0, "0.1",        \
      "The smallest that `motion` takes for something, as a part of the picture: 0.0004 is a "     \
      "square of a fiftieth of its width and height.")                                             \
    X(ONNX_NAMES, "onnx.names", TEXT, "", "", 0, 2048, "", 0, "0.1",                               \
      "A file with the names of the classes of the model that `onnx:` names, a line each. Empty: " \
      "the file beside it whose name ends in `.names` instead of `.onnx`, or else the names in "   \
      "the model.")                                                                                \
    X(ONNX_SIZE, "onnx.size", INT, "pixels", "0", 0, 8192, "", 0, "0.1",                           \
      "The width and height of what such a model looks at, a multiple of 32, where the model "     \
      "takes pictures of any size. 0: as the model says.")                                         \
    X(ONNX_OVERLAP, "onnx.overlap", NUMBER, "", "0.45", 0, 1, "", 0, "0.1",                        \
      "Of two boxes of one class that share more than this part of what they cover together, the " \
      "surer one is kept.")                                                                        \
    X(ONNX_THREADS, "onnx.threads", INT, "threads", "0", 0, 64, "", 0, "0.1",                      \
      "On how many threads a model runs; all models of a process share them. 0: as many as there " \
      "are cores.")                                                                                \
    X(ONNX_MODULE, "onnx.module", TEXT, "", "", 0, 2048, "", 0, "0.1",                             \
      "The absolute path of the module that runs models. Empty: that which was installed with "    \
      "the library.")                                                                              \
    X(CACHE_TTL, "cache.ttl", NUMBER, "seconds", "1800", 0, 86400, "", 0, "0.1",                   \
      "How long the answer to a question about counts is kept in memory, while nothing changes "  \
      "that it depends on: it is never older than what has been acknowledged. 0: none is kept.")  \
    X(CACHE_BYTES, "cache.bytes", SIZE, "bytes", "16777216", 0, 1099511627776, "", 0, "0.1",       \
      "How much memory those answers may take together; the one that was asked for longest ago "  \
      "goes first. 0: none is kept.")                                                             \
    X(ALERTS_BATTERY_LEVEL, "alerts.battery_level", NUMBER, "percent", "20", 0, 100, "", 0, "0.1", \
      "A camera whose battery is below this raises an alert, which is over 5 points above. 0: "    \
      "none does.")                                                                                \
    X(ALERTS_OFFLINE_SECONDS, "alerts.offline_seconds", NUMBER, "seconds", "0", 0, 31536000, "",   \
      0, "0.1",                                                                                    \
      "For how long an active camera may be silent before that is an alert; never less than twice " \
      "the interval at which its reports come. 0: three times that interval, and only for cameras " \
      "of which it is known because they have reported more than once; registering is no report, " \
      "nor is a picture.")                                                                         \
    X(ALERTS_RARE_CONFIDENCE, "alerts.rare_confidence", NUMBER, "", "0.9", 0, 1, "", 0, "0.1",     \
      "How sure a detection must be at least, and more, for its species to be taken for a rare one.") \
    X(ALERTS_RARE_SPECIES, "alerts.rare_species", TEXT, "", "", 0, 4096, "", 0, "0.1",             \
      "Species that raise an alert whenever they are detected, with commas between them, such as " \
      "Lynx lynx, Gulo gulo.")                                                                     \
    X(ALERTS_RARE_NEW, "alerts.rare_new", BOOL, "", "true", 0, 1, "", 0, "0.1",                    \
      "Whether a species of which this station was never that sure before raises an alert, too.")  \
    X(ALERTS_DISK_FREE_BYTES, "alerts.disk_free_bytes", SIZE, "bytes", "268435456", 0,             \
      1125899906842624, "", 0, "0.1",                                                              \
      "When less than this is free at `data.dir`, or less than one and a half times the disk's "   \
      "floor, that is an alert.")                                                                  \
    X(ALERTS_CHECK_SECONDS, "alerts.check_seconds", NUMBER, "seconds", "30", 0, 3600, "0.1", 0,    \
      "0.1",                                                                                       \
      "How often the station looks for silent cameras, a full disk and the like by itself.")       \
    X(ALERTS_KEEP_DAYS, "alerts.keep_days", NUMBER, "days", "90", 0, 36500, "", 0, "0.1",          \
      "How long alerts are kept after they were cleared. 0: for ever.")                            \
    X(ALERTS_WEBHOOK, "alerts.webhook", TEXT, "", "", 0, 8191, "webhooks", 1, "0.1",               \
      "Where alerts are sent when they are raised and cleared: addresses that take a POST, with "  \
      "commas between them. It is kept secret, because many a chat's address is its key.")         \
    X(ALERTS_WEBHOOK_SECRET, "alerts.webhook_secret", TEXT, "", "", 0, 1024, "visible", 1, "0.1",  \
      "What deliveries are signed with (HMAC-SHA-256), so that their receiver can tell that they " \
      "come from here. Empty: they are not signed.")                                               \
    X(ALERTS_WEBHOOK_PLAIN, "alerts.webhook_plain", BOOL, "", "false", 0, 1, "", 0, "0.1",         \
      "Whether alerts may be sent over http:// to other than this machine, where all on the way "  \
      "can read them.")                                                                            \
    X(ALERTS_WEBHOOK_TIMEOUT, "alerts.webhook_timeout", NUMBER, "seconds", "10", 0, 300, "0.1", 0, \
      "0.1", "How long one delivery may take before it is given up, and tried again later.")       \
    X(ALERTS_WEBHOOK_KEEP, "alerts.webhook_keep", INT, "seconds", "259200", 60, 31536000, "", 0,   \
      "0.1", "For how long a delivery is tried again before it is parked. A test that the address "       \
      "takes (wildcam alerts --test) brings back what it lacks of alerts that are open.")          \
    X(ALERTS_WEBHOOK_CA_FILE, "alerts.webhook_ca_file", TEXT, "", "", 0, 2048, "", 0, "0.1",       \
      "A file of certificates (PEM) that receivers of alerts are trusted by, in place of the "     \
      "system's.")                                                                                 \
    X(REPORTS_KEEP_DAYS, "reports.keep_days", NUMBER, "days", "30", 0, 36500, "", 0, "0.1",        \
      "How long a report that was made in the background stays, with its files in `reports/`. "   \
      "0: until it is deleted.")                                                                  \
    X(REPORTS_KEEP_COUNT, "reports.keep_count", INT, "reports", "1000", 1, 100000, "", 0, "0.1",          \
      "How many of these reports stay at most: the oldest go first.")                              \
    X(REPORTS_KEEP_BYTES, "reports.keep_bytes", SIZE, "bytes", "1073741824", 1024,                 \
      1125899906842624, "", 0, "0.1",                                                              \
      "How much their files may take together: the oldest go first, and one that alone takes "     \
      "more fails.")                                                                               \
    X(RATE_API, "rate.api", NUMBER, "requests a second", "100", 0, 1000000, "", 0, "0.1",          \
      "How many requests a second an address may send in the long run, once there are keys. An "   \
      "IPv6 address counts as its /64. More are refused with 429. 0: any number. The health "      \
      "requests and the metrics have no limit.")                                                   \
    X(RATE_API_BURST, "rate.api_burst", INT, "requests", "200", 1, 100000, "", 0, "0.1",           \
      "How many requests an address may send at once when it has not for a while.")                \
    X(RATE_AUTH, "rate.auth", NUMBER, "requests a second", "5", 0, 1000000, "", 0, "0.1",          \
      "The same for logins, which do not count as requests of `rate.api`.")                        \
    X(RATE_AUTH_BURST, "rate.auth_burst", INT, "requests", "5", 1, 100000, "", 0, "0.1",           \
      "How many logins an address may try at once.")                                               \
    X(RATE_UPLOAD, "rate.upload", NUMBER, "requests a second", "1", 0, 1000000, "", 0, "0.1",      \
      "The same for pictures and detections, which do not count as requests of `rate.api` "        \
      "either. Many cameras behind one address need more, and more of `rate.upload_burst`.")       \
    X(RATE_UPLOAD_BURST, "rate.upload_burst", INT, "requests", "5", 1, 100000, "", 0, "0.1",       \
      "How many pictures and detections an address may send at once. Cameras behind one address "  \
      "that post at the same moment need as many.")                                                \
    X(RATE_CAMERA, "rate.camera", NUMBER, "requests a second", "10", 0, 1000000, "", 0, "0.1",     \
      "How often a camera may register, report and upload, from whatever address, on top of the "  \
      "limits of its address. 0: as often as it likes.")                                           \
    X(RATE_CAMERA_BURST, "rate.camera_burst", INT, "requests", "20", 1, 100000, "", 0, "0.1",      \
      "How often a camera may do so at once.")                                                     \
    X(AUTH_TOKEN_SECONDS, "auth.token_seconds", INT, "seconds", "900", 30, 86400, "", 0, "0.1",    \
      "How long the access token of a login is valid.")                                            \
    X(AUTH_PASSWORD_COST, "auth.password_cost", INT, "", "15", 10, 18, "", 0, "0.1",               \
      "How much a new password's hash costs (scrypt): 15 takes 32 MiB and some tenths of a "       \
      "second, each more doubles both. A cheaper hash is made anew when its owner logs in.") \
    X(AUTH_REFRESH_SECONDS, "auth.refresh_seconds", INT, "seconds", "2592000", 60, 31536000, "",   \
      0, "0.1",                                                                                    \
      "How long a login lasts on which nothing is asked: its refresh token is valid so long, and " \
      "each use gives another one.")                                                               \
    X(METRICS_SERIES, "metrics.series", INT, "series", "10000", 1, 1000000, "", 0, "0.1",          \
      "How many series each of the metrics by camera may have: of detections, one for each "       \
      "camera and species. What is beyond is counted in wildcam_metrics_dropped_series_total, and " \
      "shown once there is room.")                                                                  \
    X(METRICS_OPEN, "metrics.open", BOOL, "", "false", 0, 1, "", 0, "0.1",                         \
      "Whether the metrics may be read without a key from anywhere. If not, a key or login that "  \
      "may read is needed once there are keys, but not by who asks from this machine.")           \
    X(LOG_LEVEL, "log.level", CHOICE, "", "warning", 0, 0, "error,warning,info,debug", 0, "0.1",   \
      "The least that is written to the log.")                                                    \
    X(LOG_FORMAT, "log.format", CHOICE, "", "text", 0, 0, "text,json", 0, "0.1",                   \
      "How the log on standard error looks: lines of text, or one JSON object per line.")         \
    X(LOG_REQUESTS, "log.requests", CHOICE, "", "all", 0, 0, "all,errors,off", 0, "0.1",           \
      "Of which requests the server's log has a line of level info. errors: those answered with a " \
      "status of 400 or more, or not at all. Health checks and scrapes that go well have theirs "  \
      "at level debug.")                                                                           \
    X(LOG_QUEUE_BYTES, "log.queue_bytes", SIZE, "bytes", "262144", 65536, 1073741824, "", 0,       \
      "0.1",                                                                                       \
      "How much of the server's log may wait to be written. When it is full, lines are dropped "   \
      "and counted, errors last: a slow log slows nothing else.")                                  \
    X(HTTP_LISTEN, "http.listen", TEXT, "", "127.0.0.1:8080", 1, 255, "", 0, "0.1",                \
      "Where the server listens: an address and a port, such as 127.0.0.1:8080 or [::1]:8080; "   \
      "port 0 takes a free one. While the station has neither keys nor people it is open, and "   \
      "only loopback addresses are taken: `wildcam keys create` makes the first key.")            \
    X(HTTP_PROXIES, "http.proxies", TEXT, "", "127.0.0.0/8,::1", 0, 2048, "", 0, "0.1",            \
      "The proxies that are believed when they say in X-Forwarded-For who asks: addresses and "   \
      "nets such as 10.0.0.0/8, at most 64 with commas between them. Empty: none is.")             \
    X(HTTP_HOSTS, "http.hosts", TEXT, "", "", 0, 1024, "hosts", 0, "0.1",                          \
      "The names that the server is called by, with commas between them, such as "                 \
      "station.example.org. While there are no keys it answers to addresses, to localhost and "    \
      "to these alone, so that a page in a browser cannot reach it by a name of its own.")         \
    X(HTTP_CONNECTIONS, "http.connections", INT, "connections", "1000", 1, 100000, "", 0, "0.1",   \
      "How many connections the server serves at once. Some more are held for the health "        \
      "requests.")                                                                                 \
    X(HTTP_CONNECTIONS_PER_ADDRESS, "http.connections_per_address", INT, "connections", "100", 0,  \
      100000, "", 0, "0.1",                                                                        \
      "How many connections an address may have at once. An IPv6 address counts as its /64, and "  \
      "those of `http.proxies` have no limit. 0: as many as there are.")                           \
    X(HTTP_OPERATIONS, "http.operations", TEXT, "", "", 0, 255, "", 0, "0.1",                      \
      "Another address and port, where the server answers the requests for its health and its "    \
      "metrics alone, on a thread and connections of their own: whoever watches it is answered "   \
      "when all else is taken. It never speaks TLS, whatever `http.tls_certificate` says: a "      \
      "viewer's key that is shown there is read by all on the way, so it belongs on loopback or "  \
      "in a net of one's own. While there are neither keys nor people only loopback addresses "    \
      "are taken. Empty: there is none, and they are answered at `http.listen` alone.")            \
    X(HTTP_TLS_CERTIFICATE, "http.tls_certificate", TEXT, "", "", 0, 2048, "", 0, "0.1",           \
      "A file in PEM with the certificate that `http.listen` shows, followed by those that vouch "  \
      "for it; with it the server speaks TLS there, 1.2 or 1.3. When this file or that of the "     \
      "key changes, and on SIGHUP, new connections get what is in them then. Empty: no TLS.")      \
    X(HTTP_TLS_KEY, "http.tls_key", TEXT, "", "", 0, 2048, "", 0, "0.1",                           \
      "A file in PEM with the key of that certificate, without a password.")                       \
    X(HTTP_THREADS, "http.threads", INT, "threads", "2", 1, 64, "", 0, "0.1",                      \
      "How many threads move bytes.")                                                             \
    X(HTTP_WORKERS, "http.workers", INT, "threads", "16", 1, 1024, "", 0, "0.1",                   \
      "How many threads wait for the disk. Uploads that wait at the same time share a write.")    \
    X(HTTP_IDLE_TIMEOUT, "http.idle_timeout", INT, "seconds", "30", 1, 86400, "", 0, "0.1",        \
      "A connection on which nothing moves for so long is closed.")                               \
    X(HTTP_HEAD_TIMEOUT, "http.head_timeout", INT, "seconds", "20", 1, 86400, "", 0, "0.1",        \
      "A request's head that has not wholly arrived so long after its first line is cut off; the "  \
      "first one of a connection, so long after the connection was made, TLS's handshake "          \
      "included.")                                                                                 \
    X(HTTP_REQUEST_TIMEOUT, "http.request_timeout", INT, "seconds", "300", 1, 86400, "", 0, "0.1", \
      "A request's body that has not wholly arrived after so long is cut off, and so is an answer " \
      "that has not been taken.")                                                                  \
    X(HTTP_STOP_TIMEOUT, "http.stop_timeout", INT, "seconds", "10", 0, 3600, "", 0, "0.1",         \
      "How long a server that was told to stop waits for the requests that are under way.")
/* clang-format on */

#endif
