package dev.sallyport;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.sallyport.credential.CredentialValue;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The arrows of ARCHITECTURE.md. Think hard before you change one: it is easier to add an import than to take it back. */
class DependencyDirectionTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test-support/"))
            .importPackages("dev.sallyport");

    /** Each package, and the packages of the product that it may use. */
    private static final Map<String, String[]> MAY_USE = Map.ofEntries(
            Map.entry("policy", new String[] {}),
            Map.entry("proto", new String[] {}),
            Map.entry("bootstrap", new String[] {"proto"}),
            Map.entry("credential", new String[] {"policy"}),
            Map.entry("source", new String[] {"policy", "credential"}),
            Map.entry("identity", new String[] {"policy", "pki", "source"}),
            Map.entry("kubernetes", new String[] {"identity", "source"}),
            Map.entry("pki", new String[] {"policy"}),
            Map.entry("envoy", new String[] {"policy", "proto", "bootstrap", "credential"}),
            Map.entry("snapshot", new String[] {"policy", "bootstrap", "credential", "source", "pki", "envoy"}),
            Map.entry("settings", new String[] {"policy"}),
            Map.entry("reconcile", new String[] {"policy", "bootstrap", "settings", "source", "pki", "snapshot"}),
            Map.entry("inject", new String[] {"policy", "bootstrap", "settings"}),
            Map.entry("webhook", new String[] {"inject"}),
            Map.entry("xds", new String[] {"policy", "bootstrap", "identity", "snapshot"}));

    /** Libraries that only these packages may use. */
    private static final Map<String, String[]> ONLY_IN = Map.of(
            "org.snakeyaml..", new String[] {"dev.sallyport.policy..", "dev.sallyport.proto.."},
            "io.envoyproxy..",
                    new String[] {
                        "dev.sallyport.proto..",
                        "dev.sallyport.bootstrap..",
                        "dev.sallyport.envoy..",
                        "dev.sallyport.snapshot.."
                    },
            "org.eclipse.jetty..", new String[] {"dev.sallyport.webhook.."},
            "io.grpc..", new String[] {"dev.sallyport.xds.."},
            "org.bouncycastle..", new String[] {"dev.sallyport.pki.."},
            "com.nimbusds..", new String[] {"dev.sallyport.identity.."},
            "io.fabric8..",
                    new String[] {
                        "dev.sallyport.source.kubernetes..",
                        "dev.sallyport.reconcile..",
                        "dev.sallyport.kubernetes..",
                        "dev.sallyport.cli..",
                        "dev.sallyport.testing.."
                    },
            "picocli..", new String[] {"dev.sallyport.cli.."});

    @TestFactory
    Stream<DynamicTest> packagesUseOnlyWhatLiesFurtherIn() {
        return MAY_USE.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    String[] allowed = Stream.concat(Stream.of(entry.getKey()), Stream.of(entry.getValue()))
                            .map(name -> "dev.sallyport." + name + "..")
                            .toArray(String[]::new);
                    ArchRule rule = noClasses()
                            .that()
                            .resideInAPackage("dev.sallyport." + entry.getKey() + "..")
                            .should()
                            .dependOnClassesThat(
                                    resideInAPackage("dev.sallyport..").and(not(resideInAnyPackage(allowed))));
                    rule.check(CLASSES);
                }));
    }

    @TestFactory
    Stream<DynamicTest> librariesStayInTheirPackages() {
        return ONLY_IN.entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.getKey(),
                        () -> noClasses()
                                .that()
                                .resideOutsideOfPackages(entry.getValue())
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage(entry.getKey())
                                .check(CLASSES)));
    }

    @Test
    void onlyTheBuilderOfSecretsOpensACredential() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sallyport.envoy..")
                .and()
                .doNotHaveFullyQualifiedName(CredentialValue.class.getName())
                .should()
                .callMethod(CredentialValue.class, "open")
                .check(CLASSES);
    }

    @Test
    void valuesThatHoldSecretsAreNoRecords() {
        classes()
                .that()
                .areAssignableTo(CredentialValue.class)
                .should()
                .notBeRecords()
                .check(CLASSES);
    }
}
