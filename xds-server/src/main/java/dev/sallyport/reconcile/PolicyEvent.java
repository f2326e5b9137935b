package dev.sallyport.reconcile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;

/**
 * One Event on a policy. Its name follows from what it says, so that replicas that say the same say it once.
 *
 * @param note for people; never holds a secret
 * @param count how often it was said
 */
record PolicyEvent(PolicyObject policy, PolicyEvents.Reason reason, String note, int count) {
    /** The API server takes 1 KiB. */
    private static final int LONGEST_NOTE = 1_024;

    private static final int LONGEST_INSTANCE = 128;
    private static final int LONGEST_NAME = 253;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final ObjectMapper JSON = new ObjectMapper();

    static PolicyEvent first(PolicyObject policy, PolicyEvents.Reason reason, String note) {
        return new PolicyEvent(policy, reason, cut(note), 1);
    }

    PolicyEvent again() {
        return new PolicyEvent(policy, reason, note, count + 1);
    }

    boolean isAbout(PolicyEvent other) {
        return key().equals(other.key());
    }

    ObjectKey key() {
        String said = policy.uid() + " " + reason + " " + note;
        String suffix = "."
                + UUID.nameUUIDFromBytes(said.getBytes(StandardCharsets.UTF_8))
                        .toString()
                        .replace("-", "");
        String name = policy.id().name();
        int most = LONGEST_NAME - suffix.length();
        return new ObjectKey(
                ObjectKey.Kind.Event,
                policy.id().namespace(),
                (name.length() > most ? name.substring(0, most) : name) + suffix);
    }

    ObjectNode json(String instance, Instant now) {
        ObjectNode event = JSON.createObjectNode();
        event.put("apiVersion", ObjectKey.Kind.Event.apiVersion()).put("kind", "Event");
        event.putObject("metadata").put("namespace", key().namespace()).put("name", key().name());
        event.put("eventTime", MICROS.format(now));
        event.put("reportingController", "sallyport.dev/xds-server");
        event.put(
                "reportingInstance",
                instance.length() > LONGEST_INSTANCE ? instance.substring(0, LONGEST_INSTANCE) : instance);
        event.put("type", "Warning").put("reason", reason.name()).put("action", "Reconcile");
        event.put("note", note);
        event.putObject("regarding")
                .put("apiVersion", ObjectNames.API_VERSION)
                .put("kind", ObjectNames.KIND)
                .put("namespace", policy.id().namespace())
                .put("name", policy.id().name())
                .put("uid", policy.uid());
        return event;
    }

    /** A patch: that it was said once more. */
    ObjectNode series(Instant now) {
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("series").put("count", count).put("lastObservedTime", MICROS.format(now));
        return patch;
    }

    /** No longer than the API server takes, in bytes of UTF-8. */
    static String cut(String note) {
        if (note.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NOTE) {
            return note;
        }
        StringBuilder kept = new StringBuilder();
        int bytes = "…".getBytes(StandardCharsets.UTF_8).length;
        for (int point : note.codePoints().toArray()) {
            String one = Character.toString(point);
            bytes += one.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > LONGEST_NOTE) {
                break;
            }
            kept.append(one);
        }
        return kept.append("…").toString();
    }
}
