using CsCheck;
using k8s.Models;
using Polygate.Kubernetes.Resources;
using Polygate.Kubernetes.Sources;
using Polygate.Model;

namespace Polygate.Kubernetes.Tests;

public sealed class ManifestReaderTests
{
    private static readonly ManifestReader Reader = new(CoreTypes.All);

    private static ManifestFile Read(string text, string file = "a.yaml") => Reader.Read(file, text);

    private static string ConfigMap(string name, string data = "{}") =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata: {data}\n";

    private static V1ConfigMap OnlyConfigMap(ManifestFile file) => Assert.IsType<Resource<V1ConfigMap>>(Assert.Single(file.Resources)).Value;

    [Fact]
    public void Every_document_of_a_file_is_read()
    {
        var file = Read($"# first\n---\n{ConfigMap("one")}---\n---\n# nothing here\n---\n{ConfigMap("two")}...\n{ConfigMap("three")}");

        Assert.Equal(["one", "two", "three"], file.Resources.Select(resource => resource.Name));
        Assert.Empty(file.Diagnostics);
    }

    [Fact]
    public void Objects_without_a_namespace_are_in_the_default_one_and_cluster_scoped_ones_in_none()
    {
        var file = Read("""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: b, namespace: ignored}
            """);

        Assert.Equal(["default/a", "b"], file.Resources.Select(resource => resource.FullName));
    }

    [Theory]
    [InlineData("List", true)]
    [InlineData("ConfigMapList", false)]
    public void The_items_of_a_list_are_objects_with_their_own_lines(string kind, bool itemsSayTheirKind)
    {
        var head = itemsSayTheirKind ? "apiVersion: v1\n  kind: ConfigMap\n  " : "";
        var file = Read($"apiVersion: v1\nkind: {kind}\nitems:\n- {head}metadata:\n    name: one\n- {head}metadata:\n    name: two\n");

        Assert.Empty(file.Diagnostics);
        Assert.Equal(["one", "two"], file.Resources.Select(resource => resource.Name));
        Assert.Equal(itemsSayTheirKind ? [4, 8] : [4, 6], file.Resources.Select(resource => resource.Source.LineOf("")));
    }

    [Fact]
    public void Fields_know_their_lines_and_absent_ones_that_of_their_nearest_ancestor()
    {
        var resource = Assert.Single(Read("""
            apiVersion: v1
            kind: Service
            metadata:
              name: a
              annotations:
                example.com/first: x
                example.com: z
            spec:
              ports:
              - port: 80
              - name: b
                port: 81
            """).Resources);

        Assert.Equal("a.yaml", resource.Source.File);
        Assert.Equal(1, resource.Source.LineOf(""));
        Assert.Equal(4, resource.Source.LineOf("metadata.name"));
        Assert.Equal(6, resource.Source.LineOf("metadata.annotations[example.com/first]"));
        Assert.Equal(6, resource.Source.LineOf("metadata.annotations.example.com/first"));
        Assert.Equal(7, resource.Source.LineOf("metadata.annotations['example.com']"));
        Assert.Equal(10, resource.Source.LineOf("spec.ports[0].name"));
        Assert.Equal(12, resource.Source.LineOf("spec.ports[1].port"));
        Assert.Equal(9, resource.Source.LineOf("spec.ports[7].port"));
        Assert.Equal(1, resource.Source.LineOf("nowhere"));
    }

    [Fact]
    public void A_syntax_error_is_reported_with_its_line_and_the_other_documents_are_read()
    {
        var file = Read($"{ConfigMap("one")}---\nkind: [\n---\n{ConfigMap("two")}---\na: b\n c: d\n");

        Assert.Equal(["one", "two"], file.Resources.Select(resource => resource.Name));
        Assert.All(file.Diagnostics, diagnostic => Assert.Equal("syntax", diagnostic.Code));
        Assert.Equal([8, 16], file.Diagnostics.Select(diagnostic => diagnostic.Origin.Line));
        Assert.True(file.HasUnreadableDocument);
    }

    [Fact]
    public void A_document_marker_ends_a_document_even_inside_a_quoted_scalar()
    {
        var file = Read($"a: \"unfinished\n---\n{ConfigMap("one")}");

        Assert.Equal("one", Assert.Single(file.Resources).Name);
        Assert.Equal("syntax", Assert.Single(file.Diagnostics).Code);
    }

    [Fact]
    public void Directives_belong_to_the_document_after_them() =>
        Assert.Empty(Read($"%YAML 1.2\n# comment\n---\n{ConfigMap("one")}").Diagnostics);

    [Theory]
    [InlineData("a: 1\na: 2", 2)]
    [InlineData("a: {b: 1, \"b\": 2}", 1)]
    [InlineData("- x: 1\n  y: 1\n  x: 2", 3)]
    public void A_key_that_stands_twice_is_an_error(string yaml, int line)
    {
        var diagnostic = Assert.Single(Read(yaml).Diagnostics);

        Assert.Equal(("duplicate-key", line), (diagnostic.Code, diagnostic.Origin.Line));
    }

    [Theory]
    [InlineData("\"80\"")]
    [InlineData("'yes'")]
    [InlineData("!!str 80")]
    [InlineData("|\n    5")]
    [InlineData("2024-01-01")]
    [InlineData("1.2.3")]
    [InlineData("08x")]
    [InlineData("0x")]
    [InlineData("1e")]
    [InlineData("+.")]
    [InlineData("trUe")]
    [InlineData("12:30")]
    public void Scalars_that_are_text(string scalar) =>
        Assert.Empty(Read(ConfigMap("a", $"\n  key: {scalar}\n")).Diagnostics);

    [Theory]
    [InlineData("yes")]
    [InlineData("Off")]
    [InlineData("n")]
    [InlineData("TRUE")]
    [InlineData("80")]
    [InlineData("0x1F")]
    [InlineData("0o17")]
    [InlineData("0b11")]
    [InlineData("1_000")]
    [InlineData("-.5")]
    [InlineData("1.")]
    [InlineData("+1e3")]
    [InlineData("99999999999999999999")]
    public void Scalars_that_are_booleans_or_numbers_as_in_Kubernetes_do_not_fit_text(string scalar)
    {
        var diagnostic = Assert.Single(Read(ConfigMap("a", $"\n  key: {scalar}\n")).Diagnostics);

        Assert.Equal((DiagnosticSeverity.Error, "wrong-type", 6, "data.key"),
            (diagnostic.Severity, diagnostic.Code, diagnostic.Origin.Line, diagnostic.Origin.Field));
    }

    [Theory]
    [InlineData("0x50")]
    [InlineData("0120")]
    [InlineData("80.0")]
    [InlineData("8e1")]
    [InlineData("+80")]
    public void Numbers_are_read_in_every_form_that_Kubernetes_reads(string number)
    {
        var service = Assert.Single(Read($"{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{ports: [{{port: {number}}}]}}}}").Resources);

        Assert.Equal(80, ((Resource<V1Service>)service).Value.Spec.Ports[0].Port);
    }

    [Theory]
    [InlineData("port: \"80\"", "spec.ports[0].port")]
    [InlineData("port: 80.5", "spec.ports[0].port")]
    [InlineData("port: 4294967296", "spec.ports[0].port")]
    [InlineData("port: {}", "spec.ports[0].port")]
    [InlineData("name: 1", "spec.ports[0].name")]
    [InlineData("targetPort: true", "spec.ports[0].targetPort")]
    public void A_value_of_the_wrong_type_names_its_field_and_line(string port, string field)
    {
        var file = Read($"apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  ports:\n  - {port}\n---\n{ConfigMap("b")}");

        var diagnostic = Assert.Single(file.Diagnostics);
        Assert.Equal(("wrong-type", field, "a.yaml", 7), (diagnostic.Code, diagnostic.Origin.Field, diagnostic.Origin.File, diagnostic.Origin.Line));
        Assert.Equal("b", Assert.Single(file.Resources).Name);
        Assert.Equal("Service default/a", Assert.Single(file.Broken).ToString());
    }

    [Fact]
    public void The_message_says_what_is_there_and_what_is_needed()
    {
        var file = Read("apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {version: 1}}\nspec: {ports: {port: 80}}\n");

        Assert.Equal(
            ["The field metadata.labels.version needs text, but has a number; put it in quotes.", "The field spec.ports needs a list, but has a mapping."],
            file.Diagnostics.Select(diagnostic => diagnostic.Message));
    }

    [Fact]
    public void An_unknown_field_is_a_warning_with_the_probable_name_and_the_object_is_served()
    {
        var file = Read("apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  port:\n  - port: 80\n  zzz: 1\n");

        Assert.Single(file.Resources);
        Assert.All(file.Diagnostics, diagnostic => Assert.Equal((DiagnosticSeverity.Warning, "unknown-field"), (diagnostic.Severity, diagnostic.Code)));
        Assert.Equal(
            ["The field spec.port is not known and has no effect; did you mean \"ports\"?", "The field spec.zzz is not known and has no effect."],
            file.Diagnostics.Select(diagnostic => diagnostic.Message));
        Assert.Equal([6, 8], file.Diagnostics.Select(diagnostic => diagnostic.Origin.Line));
    }

    [Fact]
    public void A_null_field_is_an_absent_one_and_a_null_in_a_map_is_empty()
    {
        var config = OnlyConfigMap(Read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: }\nimmutable: ~\ndata: {x: null, w: }\n"));

        Assert.Null(config.Metadata.Labels);
        Assert.Null(config.Immutable);
        Assert.Equal(["", ""], config.Data.Values);
    }

    [Theory]
    [InlineData("metadata: {}", "missing-name")]
    [InlineData("metadata: {name: ''}", "missing-name")]
    [InlineData("data: {}", "missing-name")]
    public void An_object_needs_a_name(string body, string code) =>
        Assert.Equal(code, Assert.Single(Read($"apiVersion: v1\nkind: ConfigMap\n{body}\n").Diagnostics).Code);

    [Theory]
    [InlineData("kind: ConfigMap", "missing-kind")]
    [InlineData("apiVersion: v1", "missing-kind")]
    [InlineData("just text", "not-an-object")]
    [InlineData("[1, 2]", "not-an-object")]
    [InlineData("apiVersion: v2\nkind: ConfigMap\nmetadata: {name: a}", "unsupported-version")]
    public void What_is_no_object_is_an_error(string text, string code) => Assert.Equal(code, Assert.Single(Read(text).Diagnostics).Code);

    [Fact]
    public void Unknown_kinds_are_listed_and_not_errors()
    {
        var file = Read("---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: b}\nspec: {anything: [goes]}\n");

        Assert.Empty(file.Diagnostics);
        Assert.Equal(new UnknownKind("apps/v1", "Deployment", "b", "a", "a.yaml", 2), Assert.Single(file.Unknown));
    }

    [Fact]
    public void The_same_object_twice_in_a_file_counts_once()
    {
        var file = Read($"{ConfigMap("a", "{x: first}")}---\n{ConfigMap("a", "{x: second}")}");

        Assert.Equal("first", OnlyConfigMap(file).Data["x"]);
        Assert.Equal(("duplicate-object", 7), Assert.Single(file.Diagnostics.Select(diagnostic => (diagnostic.Code, diagnostic.Origin.Line))));
    }

    [Fact]
    public void Anchors_aliases_and_merge_keys_are_resolved()
    {
        var config = OnlyConfigMap(Read("""
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: &name a
              labels: &common {x: one, w: one}
              annotations:
                <<: [{w: two, z: two}, *common]
                z: three
            data:
              name: *name
              "<<": not a merge
            """));

        Assert.Equal("a", config.Data["name"]);
        Assert.Equal("not a merge", config.Data["<<"]);
        Assert.Equal(
            [("w", "two"), ("x", "one"), ("z", "three")],
            config.Metadata.Annotations.Select(pair => (pair.Key, pair.Value)).Order());
    }

    [Fact]
    public void Aliases_that_multiply_are_refused()
    {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 12).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        var file = Read($"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n{bomb}---\n{ConfigMap("b")}");

        Assert.Equal("too-large", Assert.Single(file.Diagnostics).Code);
        Assert.Equal("b", Assert.Single(file.Resources).Name);
    }

    [Theory]
    [InlineData("a: &x [*x]")]
    [InlineData("a: *nowhere")]
    [InlineData("a: {<<: text}")]
    [InlineData("a: .inf")]
    [InlineData("a: !!int text")]
    [InlineData("? [a]\n: b")]
    [InlineData("a: \0")]
    [InlineData("\u0001")]
    public void What_has_no_meaning_as_JSON_is_a_syntax_error(string yaml) => Assert.Equal("syntax", Assert.Single(Read(yaml).Diagnostics).Code);

    [Fact]
    public void Deep_nesting_is_refused()
    {
        Assert.Equal("too-large", Assert.Single(Read(new string('[', 5000)).Diagnostics).Code);
        Assert.Equal("syntax", Assert.Single(Read(new string('[', 5000), "a.json").Diagnostics).Code);
    }

    [Fact]
    public void JSON_files_are_read_with_lines()
    {
        var file = Read("{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\",\n\t\"metadata\": {\"name\": \"a\"},\n\t\"data\": {\n\t\t\"x\": \"\\ud83d\\ude00\\/\"}}\n", "a.json");

        Assert.Equal("\U0001F600/", OnlyConfigMap(file).Data["x"]);
        Assert.Equal(4, file.Resources[0].Source.LineOf("data.x"));
    }

    [Theory]
    [InlineData("{\"a\": 1,\n\"a\": 2}", "duplicate-key", 2)]
    [InlineData("{\n\"a\": }", "syntax", 2)]
    [InlineData("{", "syntax", 1)]
    [InlineData("\"\\ud800\"", "syntax", 1)]
    public void JSON_errors_are_reported_with_their_line(string json, string code, int line)
    {
        var diagnostic = Assert.Single(Read(json, "a.json").Diagnostics);

        Assert.Equal((code, line), (diagnostic.Code, diagnostic.Origin.Line));
    }

    [Fact]
    public void A_Secrets_stringData_is_merged_over_its_data()
    {
        var secret = ((Resource<V1Secret>)Assert.Single(Read(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: eA==, w: eQ==}\nstringData: {w: ä, z: }\n").Resources)).Value;

        Assert.Equal("x"u8.ToArray(), secret.Data["x"]);
        Assert.Equal("ä"u8.ToArray(), secret.Data["w"]);
        Assert.Equal([], secret.Data["z"]);
        Assert.Null(secret.StringData);
    }

    [Fact]
    public void Diagnostics_never_quote_secret_data()
    {
        var file = Read("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: hunter2!, w: 4711}\nstringData: {z: 4712}\n");

        Assert.Equal(3, file.Diagnostics.Count);
        Assert.DoesNotContain(file.Diagnostics, d => d.Message.Contains("hunter2", StringComparison.Ordinal) || d.Message.Contains("471", StringComparison.Ordinal));
    }

    [Fact]
    public void A_byte_order_mark_and_Windows_line_ends_do_not_matter()
    {
        var file = Read("\uFEFF" + $"{ConfigMap("a")}---\n{ConfigMap("b", "{x: 1}")}".ReplaceLineEndings("\r\n"));

        Assert.Equal("a", Assert.Single(file.Resources).Name);
        Assert.Equal(11, Assert.Single(file.Diagnostics).Origin.Line);
    }

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        string[] parts =
        [
            "apiVersion: v1\n", "kind: Service\n", "---\n", "- ", "a: ", "&a ", "*a ", "{", "]", "\"", "'", "|\n", "\t", " ", "\n",
            "<<: ", "!!int ", "metadata:\n  name: a\n", "\ud800", "%",
        ];
        Gen.Select(Gen.Int[0, parts.Length - 1].Array[0, 20], Gen.Bool).Sample((picked, json) =>
            Assert.NotNull(Read(string.Concat(picked.Select(i => parts[i])), json ? "a.json" : "a.yaml")));
    }
}
