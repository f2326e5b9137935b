package dev.sallyport.e2e;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/** On every class of this package: the build runs them in the network of test-support, once for each version of Envoy, or with {@code @Tag(EndToEnd.ONE_ENVOY)} only for the pinned one. */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Tag("end-to-end")
@Target(ElementType.TYPE)
@interface EndToEnd {
    /** The tag of a suite whose subject is not Envoy. */
    String ONE_ENVOY = "one-envoy";
}
