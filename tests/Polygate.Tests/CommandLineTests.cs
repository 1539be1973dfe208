using System.CommandLine;
using System.Text.Json.Nodes;
using Polygate.Commands;

namespace Polygate.Tests;

/// <summary>Commands as a user types them.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    [InlineData("explain")]
    [InlineData("routes")]
    [InlineData("echo")]
    [InlineData("completion")]
    public async Task Every_command_has_help_with_examples(string command)
    {
        Assert.Contains(command, (await RunAsync("--help")).Output, StringComparison.Ordinal);

        var help = await RunAsync(command, "--help");
        Assert.Equal(0, help.Code);
        Assert.Contains("Examples:", help.Output, StringComparison.Ordinal);
        Assert.Contains($"polygate {command}", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_good_folder_passes_the_check()
    {
        using var folder = Samples.Folder();

        var check = await RunAsync("check", "--config", folder.Path);

        Assert.Equal(0, check.Code);
        Assert.Contains("0 errors", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_check_reports_errors_with_file_line_and_field()
    {
        using var folder = Samples.Folder();
        folder.Write("broken.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: b\nspec:\n  ports: 5\n");

        var table = await RunAsync("check", "--config", folder.Path);
        Assert.Equal(1, table.Code);
        Assert.Contains("broken.yaml:6", table.Output, StringComparison.Ordinal);
        Assert.Contains("1 error, ", table.Output, StringComparison.Ordinal);

        var json = await RunAsync("check", "--config", folder.Path, "--output", "json");
        Assert.Equal(1, json.Code);
        var error = Assert.Single(JsonNode.Parse(json.Output)!.AsArray(), item => (string?)item!["severity"] == "error")!;
        Assert.Equal(("wrong-type", "broken.yaml", 6, "spec.ports"), ((string?)error["code"], (string?)error["file"], (int)error["line"]!, (string?)error["field"]));

        var github = await RunAsync("check", "--config", folder.Path, "--output", "github");
        Assert.Equal(1, github.Code);
        Assert.Contains($"::error file={folder.Path}/broken.yaml,line=6,title=wrong-type::The field spec.ports needs a list", github.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("check", "--config", "/nowhere/at/all")]
    [InlineData("check", "--config", ".", "--output", "xml")]
    [InlineData("run", "--config", ".", "--map-port", "80")]
    [InlineData("run", "--config", ".", "--map-port", "x=8080")]
    [InlineData("run", "--config", ".", "--admin", "9901")]
    [InlineData("run", "--config", ".", "--address", "localhost")]
    [InlineData("run", "--config", ".", "--loops", "0")]
    [InlineData("run", "--config", ".", "--map-port", "80=0")]
    [InlineData("run", "--config", ".", "--drain-timeout", "-5")]
    [InlineData("run", "--config", ".", "--trusted-proxies", "10.0.0.0/99")]
    [InlineData("run", "--config", ".", "--dialects", "esperanto")]
    [InlineData("explain", "--config", ".", "not a url")]
    [InlineData("explain", "--config", ".", "http://a/", "-H", "no colon")]
    [InlineData("explain", "--config", ".", "http://a/", "-H", "X Y: not a name")]
    [InlineData("explain", "--config", ".", "http://a/", "-X", "GE T")]
    [InlineData("echo", "--listen", "nonsense")]
    [InlineData("no-such-command")]
    public async Task A_wrong_command_line_is_refused_with_code_2_and_a_reason(params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.Equal(CommandTree.Failed, result.Code);
        Assert.NotEqual("", result.Error.Trim());
    }

    [Fact]
    public async Task Every_kind_of_output_of_the_check_names_object_and_field()
    {
        using var folder = Samples.Folder();
        folder.Write("broken.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: b\nspec:\n  ports: 5\n");

        Assert.Contains("(spec.ports)", (await RunAsync("check", "-c", folder.Path)).Output, StringComparison.Ordinal);
        Assert.Contains("(Service default/b, spec.ports)", (await RunAsync("check", "-c", folder.Path, "-o", "github")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_without_a_name_is_named_by_its_kind()
    {
        using var folder = Samples.Folder();
        folder.Write("broken.yaml", "apiVersion: v1\nkind: Service\nmetadata: {}\n");

        Assert.Contains("(Service", (await RunAsync("check", "-c", folder.Path, "-o", "github")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("default/)", (await RunAsync("check", "-c", folder.Path, "-o", "github")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("routes")]
    [InlineData("explain", "http://shop.example.com/shop")]
    public async Task Who_looks_at_a_folder_with_errors_is_told_of_them(params string[] command)
    {
        using var folder = Samples.Folder();
        Assert.DoesNotContain("polygate check", (await RunAsync([.. command, "-c", folder.Path])).Output, StringComparison.Ordinal);

        folder.Write("broken.yaml", "a: [1\n");

        Assert.Contains("The folder has 1 error; polygate check lists", (await RunAsync([.. command, "-c", folder.Path])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broken.yaml", "a: [1\nb: 2\n", "never closed")]
    [InlineData("broken.json", "{\"kind\": \"Service\", }", "trailing comma at the end which is not supported in this mode.|")]
    public async Task A_syntax_error_is_told_in_the_users_terms(string file, string text, string said)
    {
        using var folder = Samples.Folder();
        folder.Write(file, text);

        var check = await RunAsync("check", "-c", folder.Path, "-o", "github");

        Assert.Equal(1, check.Code);
        Assert.Contains(said, check.Output.ReplaceLineEndings("|"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_objects_is_reported()
    {
        using var folder = new TemporaryFolder();

        var check = await RunAsync("check", "-c", folder.Path);

        Assert.Equal(0, check.Code);
        Assert.Contains("no-objects", check.Output, StringComparison.Ordinal);
        Assert.Contains("0 errors, 1 warning, 0 notes.", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_place_of_a_folder_is_called_a_file()
    {
        using var folder = Samples.Folder();

        var check = await RunAsync("check", "-c", Path.Combine(folder.Path, "ingress.yaml"));

        Assert.Equal(CommandTree.Failed, check.Code);
        Assert.Contains("is a file; --config takes the folder that it is in.", check.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listeners_that_would_contradict_each_other_on_one_socket_are_errors_of_the_check()
    {
        using var folder = Samples.Folder();
        folder.Write("gateway.yaml", Samples.PlainGateway(8443));
        folder.Write("tls.yaml", Samples.Ingress().Replace("spec:", "spec:\n  tls: [{}]", StringComparison.Ordinal).Replace("name: shop\nspec", "name: tls\nspec", StringComparison.Ordinal));

        Assert.Contains("conflicting-listener", (await RunAsync("check", "-c", folder.Path)).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("conflicting-listener", (await RunAsync("check", "-c", folder.Path, "--map-port", "443=9443")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://shop.example.com/shop", "Accepted on :80 (bound at port 8080)")]
    [InlineData("http://shop.example.com:8080/shop", "Accepted on :80 (bound at port 8080)")]
    [InlineData("http://shop.example.com:8000/shop", "Accepted on :80 (bound at port 8000)", "--map-port", "80=8000")]
    [InlineData("http://shop.example.com:80/shop", "Accepted on :80\n", "--map-port", "80=80")]
    [InlineData("http://shop.example.com:8080/shop", ":80 (bound at port 8000)", "--map-port", "80=8000")]
    public async Task An_explanation_names_the_listener_and_the_port_that_is_bound_for_it(string url, string said, params string[] options)
    {
        using var folder = Samples.Folder();

        Assert.Contains(said, (await RunAsync(["explain", "-c", folder.Path, url, .. options])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listeners_that_share_a_socket_answer_together()
    {
        using var folder = Samples.Folder();
        folder.Write("gateway.yaml", Samples.PlainGateway(8080));

        var explained = await RunAsync("explain", "-c", folder.Path, "http://shop.example.com:8080/shop");

        Assert.Equal(0, explained.Code);
        Assert.Contains("Accepted on :8080, :80 (bound at port 8080)", explained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_are_listed_with_their_source()
    {
        using var folder = Samples.Folder();

        var table = await RunAsync("routes", "--config", folder.Path);
        var line = Assert.Single(table.Output.Split('\n'), line => line.Contains(" :80 ", StringComparison.Ordinal));
        Assert.Contains("/shop/**", line, StringComparison.Ordinal);
        Assert.Contains("ingress.yaml:", line, StringComparison.Ordinal);

        var json = JsonNode.Parse((await RunAsync("routes", "--config", folder.Path, "--output", "json")).Output)!.AsArray();
        Assert.Contains(json, row => (string?)row!["backend"] == "default/shop:80" && (string?)row["host"] == "shop.example.com");
    }

    [Fact]
    public async Task Only_the_dialects_asked_for_are_spoken()
    {
        using var folder = Samples.Folder();

        Assert.Contains("No route", (await RunAsync("routes", "--config", folder.Path, "--dialects", "traefik")).Output, StringComparison.Ordinal);
        Assert.Contains("shop.example.com", (await RunAsync("routes", "--config", folder.Path, "--dialects", "traefik", "ingress")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_is_explained_with_route_source_steps_and_the_routes_passed_over()
    {
        using var folder = Samples.Folder();
        folder.Write("other.yaml", Samples.Ingress("/other").Replace("name: shop\nspec", "name: other\nspec", StringComparison.Ordinal));

        var explained = await RunAsync("explain", "--config", folder.Path, "http://shop.example.com/shop/cart?x=1", "-X", "POST", "-H", "X-A: b");

        Assert.Equal(0, explained.Code);
        Assert.Contains("Answered by Ingress default/shop (ingress)", explained.Output, StringComparison.Ordinal);
        Assert.Contains("ingress.yaml:", explained.Output, StringComparison.Ordinal);
        Assert.Contains("It is sent to default/shop:80 by HTTP/1.1: 127.0.0.1:9000.", explained.Output, StringComparison.Ordinal);
        Assert.Contains("the path does not fit /other/**", explained.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://shop.example.com/", "No route answers")]
    [InlineData("http://shop.example.com:8080/", "No route answers")]
    [InlineData("http://other.example.com/shop", "No route answers")]
    [InlineData("http://shop.example.com:1234/shop", "Nothing listens there")]
    [InlineData("http://shop.example.com/%zz", "refused with 400")]
    public async Task A_request_that_nothing_answers_is_explained_with_code_1(string url, string reason)
    {
        using var folder = Samples.Folder();

        var explained = await RunAsync("explain", "--config", folder.Path, url);

        Assert.Equal(1, explained.Code);
        Assert.Contains(reason, explained.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_names_program_and_platform() =>
        Assert.Matches(@"^polygate \d+\.\d+\.\d+\S* \(.NET .*\)", (await RunAsync("version")).Output);

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Completion_scripts_ask_the_program(string shell) =>
        Assert.Contains("[suggest:", (await RunAsync("completion", shell)).Output, StringComparison.Ordinal);

    [Fact]
    public async Task The_program_suggests_what_fits()
    {
        var typed = $"{RootCommand.ExecutableName} chec";

        Assert.Equal("check", (await RunAsync($"[suggest:{typed.Length}]", typed)).Output.Trim());
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandTree.InvokeAsync(arguments, output, error, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
