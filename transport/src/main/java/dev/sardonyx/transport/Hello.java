package dev.sardonyx.transport;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the connecting party says first, in ASCII: {@code SARDONYX/version party parties session}.
 *
 * @param version of the frames and of this greeting
 * @param party   the sender's number
 * @param parties how many it counts in the session
 * @param session the session it wants; up to 64 letters, digits, dots, dashes and underscores
 */
record Hello(int version, int party, int parties, String session) {

    static final int VERSION = 1;

    private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern TEXT = Pattern.compile("SARDONYX/(\\d{1,5}) (\\d{1,5}) (\\d{1,5}) (" + SESSION + ")");

    Hello {
        checkSession(session);
    }

    static void checkSession(String session) {
        if (!SESSION.matcher(session).matches()) {
            throw new IllegalArgumentException("malformed session name; expected 1 to 64 letters, digits, '.', '-' or '_'");
        }
    }

    byte[] encode() {
        return ("SARDONYX/" + version + " " + party + " " + parties + " " + session).getBytes(StandardCharsets.US_ASCII);
    }

    /** @throws FrameParser.MalformedFrameException where the text is no greeting */
    static Hello decode(byte[] text) throws FrameParser.MalformedFrameException {
        Matcher matcher = TEXT.matcher(new String(text, StandardCharsets.US_ASCII));
        if (!matcher.matches()) {
            throw new FrameParser.MalformedFrameException("greeting of " + text.length + " bytes; expected SARDONYX/version party parties session");
        }
        return new Hello(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)), matcher.group(4));
    }
}
