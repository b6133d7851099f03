package org.annoyspark;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;

/** Who may know whom. */
@AnalyzeClasses(packages = "org.annoyspark", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String ROOT = "org.annoyspark.";

  /** The two faces of {@code spark} are layers of their own. */
  private static final DescribedPredicate<JavaClass> SPARK_WITHOUT_ITS_FACES =
      resideInAPackage(ROOT + "spark..")
          .and(
              DescribedPredicate.not(resideInAnyPackage(ROOT + "spark.ml..", ROOT + "spark.sql..")))
          .as("spark, but for ml and sql");

  @ArchTest
  static final ArchRule LAYERS =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("vector")
          .definedBy(ROOT + "vector..")
          .layer("format")
          .definedBy(ROOT + "format..")
          .layer("metric")
          .definedBy(ROOT + "metric..")
          .layer("index")
          .definedBy(ROOT + "index..")
          .layer("storage")
          .definedBy(ROOT + "storage..")
          .layer("eval")
          .definedBy(ROOT + "eval..")
          .layer("spark")
          .definedBy(SPARK_WITHOUT_ITS_FACES)
          .layer("ml")
          .definedBy(ROOT + "spark.ml..")
          .layer("sql")
          .definedBy(ROOT + "spark.sql..")
          .layer("jobs")
          .definedBy(ROOT + "jobs..")
          // A class in no layer would escape all of this.
          .ensureAllClassesAreContainedInArchitecture()
          .whereLayer("jobs")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("sql")
          .mayOnlyBeAccessedByLayers("jobs")
          .whereLayer("ml")
          .mayOnlyBeAccessedByLayers("jobs")
          .whereLayer("spark")
          .mayOnlyBeAccessedByLayers("ml", "sql", "jobs")
          .whereLayer("eval")
          .mayOnlyBeAccessedByLayers("spark", "ml", "sql", "jobs")
          .whereLayer("storage")
          .mayOnlyBeAccessedByLayers("spark", "ml", "sql", "jobs")
          .whereLayer("index")
          .mayOnlyBeAccessedByLayers("storage", "eval", "spark", "ml", "sql", "jobs")
          .whereLayer("metric")
          .mayOnlyBeAccessedByLayers("index", "storage", "eval", "spark", "ml", "sql", "jobs")
          .whereLayer("format")
          .mayNotAccessAnyLayer()
          .whereLayer("vector")
          .mayNotAccessAnyLayer();

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching(ROOT + "(**)").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule SPARK_ONLY_WHERE_IT_BELONGS =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + "spark..", ROOT + "jobs..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule HADOOP_ONLY_WHERE_IT_BELONGS =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + "storage..", ROOT + "spark..", ROOT + "jobs..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.hadoop..", "org.apache.parquet..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule JACKSON_ONLY_WHERE_JSON_IS_READ =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + "format..", ROOT + "jobs..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule THE_VECTOR_API_IN_ONE_CLASS =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(ROOT + "vector.PanamaVectorUtilSupport")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule FILES_ARE_MAPPED_IN_ONE_CLASS =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(ROOT + "format.MappedBytes")
          .should()
          .callMethodWhere(target(owner(assignableTo(FileChannel.class))).and(target(name("map"))))
          .orShould()
          .dependOnClassesThat()
          .areAssignableTo(MappedByteBuffer.class)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule THE_CONSOLE_BELONGS_TO_THE_JOBS =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "jobs..")
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .allowEmptyShould(true);
}
