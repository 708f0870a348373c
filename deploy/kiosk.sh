#!/bin/sh
# Opens the classroom screen: a browser without frames, started again whenever it ends.
#   kiosk.sh https://class.example
# Put it into the desktop's autostart. It needs Chromium 109 or newer.
set -eu

site="${1:?usage: kiosk.sh https://class.example}"
profile="${TONGKE_PROFILE:-$HOME/.tongke-kiosk}"
for browser in chromium chromium-browser google-chrome; do
    command -v "$browser" >/dev/null && break
    browser=""
done
[ -n "$browser" ] || { echo "kiosk.sh: no Chromium here" >&2; exit 2; }

# Sound without a gesture: nobody is there to click. The camera question is answered in advance for
# this one site by its own profile. Screens must not sleep in a lesson.
command -v xset >/dev/null && [ -n "${DISPLAY:-}" ] && xset s off -dpms || true

while :; do
    "$browser" --kiosk --noerrdialogs --no-first-run --disable-session-crashed-bubble \
        --user-data-dir="$profile" \
        --autoplay-policy=no-user-gesture-required \
        --use-fake-ui-for-media-stream \
        --disable-features=Translate \
        "$site/terminal" || true
    sleep 2
done
