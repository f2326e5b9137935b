package dev.sallyport.e2e;

import dev.sallyport.testing.HttpReply;
import dev.sallyport.testing.UpstreamRequest;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * One line of a table of cases: what an app does, and what must come of it.
 *
 * @param id of CASES.md, first in what reports show
 */
record Case(String id, String what, Action action, Expectation expectation) {
    /** What an app does. */
    @FunctionalInterface
    interface Action {
        /**
         * Does it once.
         *
         * @param marker a header line to put on the request, so that it is known when it arrives
         * @return the answer, {@link HttpReply#CLOSED} when there was none
         */
        HttpReply run(App app, String marker) throws IOException;
    }

    /** What a request that came upstream must be like. */
    @FunctionalInterface
    interface Check extends Consumer<UpstreamRequest> {}

    /** What must come of it. */
    sealed interface Expectation {}

    /** The upstream answers 200 to one request, which is as it should be. */
    record Served(List<Check> checks, Consumer<HttpReply> reply) implements Expectation {
        @Override
        public String toString() {
            return "served";
        }
    }

    /** The upstream answers with this status. */
    record Relayed(int status) implements Expectation {
        @Override
        public String toString() {
            return status + " of the upstream";
        }
    }

    /** The sidecar answers with this status and reason, and nothing leaves. */
    record Refused(int status, String reason) implements Expectation {
        @Override
        public String toString() {
            return status + " " + reason;
        }
    }

    /** Envoy's own answer, and nothing leaves. */
    record Answered(int status) implements Expectation {
        @Override
        public String toString() {
            return "" + status;
        }
    }

    /** Envoy's own answer to a request that may have left. */
    record AnsweredAfterSending(int status) implements Expectation {
        @Override
        public String toString() {
            return "" + status;
        }
    }

    /** The handshake with the sidecar fails, which is logged, and nothing leaves. */
    record FailedHandshake() implements Expectation {
        @Override
        public String toString() {
            return "handshake fails";
        }
    }

    /** The connection ends without an answer, and nothing leaves. */
    record Closed(String reason) implements Expectation {
        @Override
        public String toString() {
            return "closed " + reason;
        }
    }

    /** A case under construction. */
    record Given(String id, String what, Action action) {
        /** The request that comes upstream passes these checks. */
        Case served(Check... checks) {
            return new Case(id, what, action, new Served(List.of(checks), reply -> {}));
        }

        Case servedWith(Consumer<HttpReply> reply) {
            return new Case(id, what, action, new Served(List.of(), reply));
        }

        Case relayed(int status) {
            return new Case(id, what, action, new Relayed(status));
        }

        Case refused(int status, String reason) {
            return new Case(id, what, action, new Refused(status, reason));
        }

        Case answered(int status) {
            return new Case(id, what, action, new Answered(status));
        }

        Case answeredAfterSending(int status) {
            return new Case(id, what, action, new AnsweredAfterSending(status));
        }

        Case failedHandshake() {
            return new Case(id, what, action, new FailedHandshake());
        }

        Case closed(String reason) {
            return new Case(id, what, action, new Closed(reason));
        }
    }

    @Override
    public String toString() {
        return id + " " + what + ": " + expectation;
    }
}
