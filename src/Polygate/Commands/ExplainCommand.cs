using System.CommandLine;
using Polygate.Dialects;
using Polygate.Output;
using Polygate.Running;

namespace Polygate.Commands;

/// <summary><c>polygate explain</c>: what becomes of a request, and why.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var config = CommonOptions.Config();
        var dialects = CommonOptions.Dialects();
        var nginx = new IngressNginxFlags();
        var url = new Argument<Uri>("url")
        {
            Description = "The URL a client asks for. Its port is the configured or the bound one.",
            CustomParser = result =>
            {
                if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https")
                {
                    return parsed;
                }

                result.AddError($"\"{result.Tokens[0].Value}\" is not an http or https URL, such as http://shop.example.com/cart.");
                return null;
            },
        };
        var method = new Option<string>("--method", "-X") { Description = "The method.", HelpName = "METHOD", DefaultValueFactory = _ => "GET" };
        method.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !IsToken(text))
            {
                result.AddError($"\"{text}\" is not a method, such as GET.");
            }
        });
        var headers = new Option<string[]>("--header", "-H")
        {
            Description = "A header field; may be repeated.",
            HelpName = "'NAME: VALUE'",
            Validators =
            {
                result =>
                {
                    foreach (var token in result.Tokens.Where(token => !IsToken(token.Value.Split(':') is [var name, _, ..] ? name : "")))
                    {
                        result.AddError($"\"{token.Value}\" is not a header field, such as 'X-Version: 2'.");
                    }
                },
            },
        };
        var mapPort = MapPortOption.Create();
        var all = new Option<bool>("--all") { Description = "Also list routes for other hosts." };
        var command = new Command(
            "explain",
            "Tells which route answers a request, what happens to it, where that is written, and why other routes did not answer. The exit code is 1 when no route does.")
        { url, config, method, headers, all, mapPort, dialects };
        nginx.AddTo(command);
        command.SetAction(parsed =>
        {
            var ports = new PortMap(null, MapPortOption.PortsOf(parsed, mapPort));
            var snapshot = Snapshot.Read(parsed.GetRequiredValue(config), CommonOptions.DialectsOf(parsed, dialects, nginx.Apply(parsed, new DialectSettings())), ports);
            var request = new ProbedRequest(
                parsed.GetRequiredValue(method), parsed.GetRequiredValue(url), [.. (parsed.GetValue(headers) ?? []).Select(Field)]);
            var writer = parsed.InvocationConfiguration.Output;
            var isAnswered = ExplanationOutput.Write(writer, snapshot, ports, request, parsed.GetValue(all));
            DiagnosticOutput.WriteHint(writer, snapshot.Diagnostics);
            return isAnswered ? 0 : 1;
        });
        return command;
    }

    /// <summary>Whether a text may be a method or a field name (RFC 9110 section 5.6.2).</summary>
    private static bool IsToken(string text) =>
        text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal));

    private static KeyValuePair<string, string> Field(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return KeyValuePair.Create(text[..colon].Trim(), text[(colon + 1)..].Trim());
    }
}
