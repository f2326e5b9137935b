package dev.sallyport.inject;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;

/** What becomes of a Pod. */
public sealed interface Injection {
    /**
     * It is admitted.
     *
     * @param patch a JSON patch (RFC 6902); empty: the Pod is as it should be
     * @param warnings for whoever made the Pod, one line each
     */
    record Admitted(ArrayNode patch, List<String> warnings) implements Injection {
        public Admitted {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * It is not.
     *
     * @param refusals all of them, at least one, in the order of the rules
     */
    record Refused(List<Refusal> refusals) implements Injection {
        public Refused {
            refusals = List.copyOf(refusals);
        }
    }
}
