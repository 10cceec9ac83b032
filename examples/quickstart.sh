#!/bin/sh
# usage: examples/quickstart.sh [--once] [DIR_OF_JPEGS]
#
# Shows the reference server at work: installs the Debian packages that are missing, builds,
# starts the server on this machine, sends it pictures as the cameras do, shows what is stored and
# where to look at it, and goes on serving until Ctrl-C.
#
# --once          ends by itself: with exit status 0 when all of it has worked, else with a
#                 sentence that says what has not
# DIR_OF_JPEGS    your own pictures: a card, or folders named after their cameras. Without it
#                 twelve are painted: what three cameras saw in three days.
#
# WILDCAM_DATA_DIR    where the station is kept; without it, in a scratch folder that is removed at
#                     the end
# WILDCAM_BUILD       the build directory (build)
set -eu

fail() {
    printf 'quickstart: %s\n' "$*" >&2
    exit 1
}

# step NAME TEXT: one line of progress
step() {
    printf '%-10s %s\n' "$1" "$2"
}

is_once=false pictures='' root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
for argument in "$@"; do
    case $argument in
    -h | --help)
        sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "$0"
        exit 0
        ;;
    --once) is_once=true ;;
    -*) fail "$argument: there is no such option; see --help" ;;
    *)
        [ -z "$pictures" ] || fail "one folder of pictures at most; see --help"
        pictures=$(CDPATH='' cd -- "$argument" 2>/dev/null && pwd -P) ||
            fail "$argument: there is no such folder"
        ;;
    esac
done
build=${WILDCAM_BUILD:-build} data=${WILDCAM_DATA_DIR-}
case $build in /*) ;; *) build=$root/$build ;; esac
case $data in '' | /*) ;; *) data=$PWD/$data ;; esac

# On a terminal the count of pictures stands where the next line begins.
clear_count() {
    [ ! -t 1 ] || printf '\r\033[K'
}

# ---- the server, and the end ----

is_running=false scratch=''

# Ends it gracefully; its exit status. The server is the only job that this script starts.
stop_server() {
    $is_running || return 0
    kill -TERM "${!-}" 2>/dev/null || :
    is_running=false
    wait "${!-}"
}

finish() {
    status=$?
    trap '' HUP INT PIPE TERM
    stop_server || :
    cd /
    [ -z "$scratch" ] || rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
scratch=$(mktemp -d)

# start_server ADDRESS: waits for the line that it prints when it listens, and takes its address
start_server() {
    rm -f listens
    mkfifo listens
    is_running=true
    ( # a terminal that closes hangs up on all: this one is told to stop by the script
        trap '' HUP
        exec "$build/examples/server/wildcam-server" --set "data.dir=$data" \
            --set "http.listen=$1" >listens 2>server.log
    ) &
    line=
    IFS= read -r line <listens || :
    url=http://${line##*http://}
    case $line in *' listens on http://'*) return 0 ;; esac
    is_running=false
    wait "$!" || :
    return 1
}

# ---- asking it ----

# ask PATH [CURL_OPTION...]: the status goes to $code, the body to the file `answer`
ask() {
    path=$1
    shift
    code=$(curl -q --noproxy '*' -s -S --max-time 60 -o answer -w '%{http_code}' "$@" "$url$path" \
        2>curl.log) || fail "the server does not answer $path: $(cat curl.log server.log)"
}

# get PATH: what must work
get() {
    ask "$1"
    [ "$code" = 200 ] || fail "$1 is answered with $code: $(cat answer)"
}

# value NAME: the number or text of that name, from JSON on one line
value() {
    sed -n 's/.*"'"$1"'": *"\{0,1\}\([^",}]*\).*/\1/p'
}

# objects NAME: the innermost objects of the answer that have it, one on a line
objects() {
    tr '{' '\n' <answer | grep "$1"
}

reason() {
    sed -n 's/^{"error": "\(.*\)"}$/\1/p' answer
}

# plain TEXT: on one line, in UTF-8
plain() {
    printf '%s' "$1" | iconv -c -f UTF-8 -t UTF-8 | LC_ALL=C tr -d '\000-\037\177'
}

# json_text TEXT: as it stands between quotes
json_text() {
    plain "$1" | sed 's/["\\]/\\&/g'
}

# name_of FOLDER: what the camera of that card is called, in the 100 bytes that there are for it
name_of() {
    plain "${1##*/}" | head -c 100 | { iconv -c -f UTF-8 -t UTF-8 2>/dev/null || :; }
}

# ---- whose pictures they are: as wildcam ingest has it ----

# is_of_card NAME: whether cameras name folders of their own like that, such as DCIM, 100RECNX,
# images and 20260301
is_of_card() {
    case $1 in
    [Dd][Cc][Ii][Mm] | [Ii][Mm][Aa][Gg][Ee][Ss]) return 0 ;;
    [1-9][0-9][0-9][[:alnum:]_][[:alnum:]_][[:alnum:]_][[:alnum:]_][[:alnum:]_]) return 0 ;;
    19* | 20*) ;;
    *) return 1 ;;
    esac
    case $(printf '%s' "$1" | tr -d '._-') in
    [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]) return 0 ;;
    *) return 1 ;;
    esac
}

# find_card FOLDER: into $found, the first folder on the way to it that names a camera, else the one
# that was given or is above it
find_card() {
    found=$pictures below=${1#"$pictures"}
    while [ -n "$below" ]; do
        below=${below#/}
        found=$found/${below%%/*}
        is_of_card "${below%%/*}" || return 0
        case $below in */*) below=${below#*/} ;; *) below= ;; esac
    done
    found=$pictures
    while is_of_card "${found##*/}"; do
        found=${found%/*}
    done
}

# ---- what cameras do ----

kept=0 known=0 refused=0 cameras=0
card='' device='' name='' from_card=0 uptime=60000 is_resent=false

# Registers the camera whose card this is, once, as it does when it is switched on.
switch_on() {
    [ "$1" != "$card" ] || return 0
    switch_off
    card=$1 from_card=0
    if $is_painted; then
        device=${card##*/} name=$(value name <"$card/register.json")
        cp "$card/register.json" "$card/status.json" .
    else # a number in the firmware's form, the same for the same folder
        device=$(printf '%s' "$card" | cksum)
        device=$(printf '%08x' "${device%% *}") name=$(name_of "$card")
        printf '{"device_id": "%s", "name": "%s", "location_name": "", "firmware_version": "3.0.0"}' \
            "$device" "$(json_text "$name")" >register.json
        echo '{"battery_level": 92, "battery_voltage": 4.05}' >status.json
    fi
    grep -qs "^$device	" names || cameras=$((cameras + 1))
    printf '%s\t%s\n' "$device" "$name" >>names
    ask /api/cameras/register -H 'Content-Type: application/json' --data-binary @register.json
    case $code in
    200 | 201) ;;
    *) fail "camera $device cannot register: $code $(reason)" ;;
    esac
}

# Its status report, and a line about it for who watches.
switch_off() {
    [ -n "$card" ] || return 0
    ask "/api/cameras/$device/status" -H 'Content-Type: application/json' \
        --data-binary @status.json
    [ "$code" = 200 ] || fail "camera $device cannot report its status: $code $(reason)"
    clear_count
    step '' "$(printf '%-9s %-28s %4d taken in, battery %d %%' "$device" "$name" "$from_card" \
        "$(value battery_level <status.json)")"
    card=
}

# The text beside the picture. The firmware's timestamp is the time since it was switched on; what
# it sends later has its capture time in its path.
write_metadata() {
    if $is_painted; then
        cp "${picture%.jpg}.json" metadata.json
        return
    fi
    uptime=$((uptime + 4217)) file_path=
    [ "$1" = "$card" ] ||
        file_path=", \"file_path\": \"/$(json_text "${picture#"$card"/}")\""
    printf '{"device_id": "%s", "timestamp": %d%s}' "$device" "$uptime" "$file_path" >metadata.json
}

upload() {
    ask /api/detections -H 'Expect:' -F 'metadata=<metadata.json' \
        -F 'image=@capture.jpg;type=image/jpeg'
}

# It comes back as it was, and small.
look_at() {
    get "/api/images/$1"
    cmp -s answer "$picture" || fail "$picture does not come back as it was sent"
    get "/api/thumbnails/$1"
    case $(od -An -tx1 -N3 answer | tr -d ' ') in
    ffd8ff) ;;
    *) fail "the thumbnail of $picture is no JPEG" ;;
    esac
}

# A camera that missed the answer sends its picture again, and gets the same one.
send_again() {
    is_resent=true
    upload
    [ "$code $(value image_id <answer) $(value duplicate <answer)" = "200 $id true" ] ||
        fail "$picture, sent again, is not known: $code $(cat answer)"
}

send_picture() {
    ln -sf "$picture" capture.jpg
    write_metadata "$1"
    upload
    case $code in
    201) kept=$((kept + 1)) ;;
    200) known=$((known + 1)) ;;
    400 | 413 | 415)
        ! $is_painted || fail "$picture is refused: $(reason)"
        refused=$((refused + 1))
        clear_count
        step '' "left out  $(plain "${picture#"$pictures"/}"): $(reason)"
        return
        ;;
    *) fail "$picture is not taken in: $code $(reason)" ;;
    esac
    id=$(value image_id <answer)
    look_at "$id"
    $is_resent || send_again
    from_card=$((from_card + 1))
    [ ! -t 1 ] || printf '\r           %-9s %-28s %4d' "$device" "$name" "$from_card"
}

send_folder() {
    found=
    for picture in "$1"/*; do
        case $picture in *.[jJ][pP][gG] | *.[jJ][pP][eE][gG]) ;; *) continue ;; esac
        if [ ! -f "$picture" ] || [ ! -r "$picture" ]; then continue; fi
        [ -n "$found" ] || find_card "$1"
        switch_on "$found"
        send_picture "$1"
    done
}

send_all() {
    set -- "$pictures"
    while [ $# -gt 0 ]; do
        folder=${1%/}
        shift
        if [ ! -d "$folder" ] || [ -L "$folder" ]; then continue; fi
        send_folder "$folder"
        set -- "$folder"/*/ "$@"
    done
    switch_off
}

# ---- what is stored ----

# bar COUNT
bar() {
    printf '%.*s' "$1" '########################################'
}

show_latest() {
    get '/api/detections?limit=8'
    echo
    echo 'The latest detections'
    grep '"detection_timestamp"' answer | while IFS= read -r row; do
        device=$(printf '%s' "$row" | value device_id)
        time=$(printf '%s' "$row" | value detection_timestamp)
        confidence=$(printf '%s' "$row" | value confidence)
        [ "$confidence" != null ] || confidence=
        printf '  %-10s %-9s %-20s %-18s %s\n' "${time%%T*}" "$(echo "${time#*T}" | cut -c1-8)" \
            "$(sed -n "s/^$device	//p" names | tail -n 1)" \
            "$(printf '%s' "$row" | value species)" "$confidence"
    done
}

show_analytics() {
    get '/api/analytics/species?days=3660'
    echo
    echo 'What was seen most'
    grep -q '"avg_confidence"' answer || echo '  nobody has said yet what is on the pictures'
    objects '"avg_confidence"' | while IFS= read -r row; do
        count=$(printf '%s' "$row" | value count)
        printf '  %-20s %5d  %s\n' "$(printf '%s' "$row" | value species)" "$count" \
            "$(bar "$count")"
    done
    get '/api/analytics/activity?days=3660'
    echo
    echo 'When (hours with any)'
    objects '"hour"' | while IFS= read -r row; do
        count=$(printf '%s' "$row" | value count)
        [ "$count" != 0 ] || continue
        printf '  %02d h %20d  %s\n' "$(printf '%s' "$row" | value hour)" "$count" "$(bar "$count")"
    done
}

show_health() {
    get /api/health
    health=$(tr , '\n' <answer | value status | head -n 1) database=$(value database <answer)
    [ "$health" = ok ] || fail "the station is not well: $(cat answer)"
    echo
    echo "Health: $health (database $database, $(($(value free_bytes <answer) / 1048576)) MiB free)"
}

# show_address NAME PATH: not before it has been tried
show_address() {
    get "$2"
    printf '  %-20s %s\n' "$1" "$url$2"
}

show_addresses() {
    get '/api/detections?limit=1'
    newest=$(value image_id <answer)
    [ "$newest" != null ] || newest=$id # a station that was there before may hold such, too
    echo
    echo 'Open'
    show_address 'latest detections' '/api/detections?limit=10'
    show_address 'cameras' /api/cameras
    show_address 'the newest picture' "/api/images/$newest"
    show_address 'its thumbnail' "/api/thumbnails/$newest"
    show_address 'health' /api/health
    show_address 'the API, described' /api/openapi.json
}

# ---- all of it ----

"$root/examples/packages.sh" build demo || fail 'the packages above are needed'
step packages 'all are there'

build_it() {
    { [ -f "$build/build.ninja" ] ||
        meson setup "$build" "$root" -Dserver=enabled -Dtests=disabled; } &&
        ninja -C "$build" examples/server/wildcam-server examples/cli/wildcam examples/demo/scene
}
[ -x "$build/examples/server/wildcam-server" ] ||
    step build 'the first time takes about a minute'
build_it >"$scratch/build.log" 2>&1 || {
    cat "$scratch/build.log" >&2
    fail 'it does not build: what ninja says stands above'
}
step build "$build/examples/server/wildcam-server"

cd "$scratch"
is_painted=false
if [ -z "$pictures" ]; then
    is_painted=true pictures=$scratch/pictures
    "$build/examples/demo/scene" pictures || fail 'the pictures cannot be painted'
    step pictures 'twelve painted: three cameras, three days'
else
    step pictures "$pictures"
fi

where=$data
[ -n "$data" ] || data=$scratch/station
start_server 127.0.0.1:8080 || start_server 127.0.0.1:0 ||
    fail "the server does not start: $(cat server.log)"
step server "$url"

get '/api/detections?limit=1'
before=$(value total <answer)
step cameras 'send their pictures; each is fetched back and compared'
send_all
[ $((kept + known)) -gt 0 ] || fail "no picture of $pictures was taken in"

get '/api/detections?limit=1'
total=$(value total <answer)
[ "$total" = $((before + kept)) ] ||
    fail "$before detections and $kept pictures make $((before + kept)), not $total"
step stored "pictures: $kept new, $known kept before, $refused left out"
step '' "detections: $total, cameras: $cameras"
show_latest
show_analytics
show_health
show_addresses
echo

if $is_once; then
    stop_server || fail "the server ended with $?: $(cat server.log)"
    echo 'All of it worked, and the server is stopped.'
    exit 0
fi
is_told=false
trap 'is_told=true; kill -TERM "$!" 2>/dev/null || :' HUP INT TERM
echo 'The server goes on until Ctrl-C.'
wait "$!" || :
$is_told || fail "the server has ended: $(cat server.log)"
stop_server || fail "the server ended with $?: $(cat server.log)"
echo
if [ -n "$where" ]; then
    echo "Stopped. The station is kept in $where."
else
    echo 'Stopped, and the scratch folder is removed.'
fi
