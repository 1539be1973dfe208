using System.CommandLine;
using System.CommandLine.Invocation;

namespace Polygate.Commands;

/// <summary>The command line.</summary>
internal static class CommandTree
{
    /// <summary>The exit code of a command that could not do what it was asked for.</summary>
    public const int Failed = 2;

    private static readonly Dictionary<string, string[]> Examples = new(StringComparer.Ordinal)
    {
        [RootCommand.ExecutableName] =
        [
            "polygate run --config examples/quickstart",
            "polygate check --config ./manifests",
            "polygate explain --config ./manifests http://shop.example.com/cart",
        ],
        ["run"] =
        [
            "polygate run --config examples/quickstart",
            "polygate run --config ./manifests --address 127.0.0.1 --map-port 80=8000 --map-port 443=8400",
            "polygate run --config ./manifests --access-log off --log-format json",
        ],
        ["check"] =
        [
            "polygate check --config ./manifests",
            "polygate check --config ./manifests --output github",
        ],
        ["explain"] =
        [
            "polygate explain --config ./manifests http://shop.example.com/cart",
            "polygate explain --config ./manifests https://api.example.com/v1 -X POST -H 'X-Version: 2'",
        ],
        ["routes"] =
        [
            "polygate routes --config ./manifests",
            "polygate routes --config ./manifests --output json",
        ],
        ["ingress-nginx"] =
        [
            "polygate migrate ingress-nginx --config ./manifests",
            "polygate migrate ingress-nginx --config ./manifests --output json --fail-on differs",
            "polygate migrate ingress-nginx --config ./manifests --write-gateway-api gateway.yaml --with-policies",
            "polygate migrate ingress-nginx --context production --fail-on never",
        ],
        ["echo"] =
        [
            "polygate echo --listen 127.0.0.1:9000 --name shop",
            "curl -s 'http://127.0.0.1:9000/some/path?x=1'",
        ],
        ["rbac"] =
        [
            "polygate rbac | kubectl apply -f -",
            "polygate rbac --dialects gateway-api --watch-namespaces shop --watch-namespaces blog",
        ],
        ["webhook"] =
        [
            "polygate webhook --certificate /etc/tls/tls.crt --key /etc/tls/tls.key",
            "polygate webhook --certificate tls.crt --key tls.key --listen 127.0.0.1:9443 --ingress-class shop=ingress-nginx --gateway-class polygate",
        ],
        ["crds"] =
        [
            "polygate crds | kubectl apply -f -",
        ],
        ["completion"] =
        [
            "source <(polygate completion bash)",
            "polygate completion zsh > \"${fpath[1]}/_polygate\"",
            "polygate completion fish > ~/.config/fish/completions/polygate.fish",
        ],
    };

    public static RootCommand Create()
    {
        var root = new RootCommand(
            "One Kubernetes gateway that speaks every ingress dialect: Ingress, ingress-nginx, Gateway API, Traefik, Kong, Gloo Edge and Ambassador, side by side.")
        {
            RunCommand.Create(),
            CheckCommand.Create(),
            ExplainCommand.Create(),
            RoutesCommand.Create(),
            RbacCommand.Create(),
            DefinitionsCommand.Create(),
            WebhookCommand.Create(),
            MigrateCommand.Create(),
            EchoCommand.Create(),
            VersionCommand.Create(),
            CompletionCommand.Create(),
        };
        HelpWithExamples.AddTo(root, Examples);
        return root;
    }

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code: 0 for success, 1 for what the command found wrong, 2 for a command that could not run.</returns>
    public static async Task<int> InvokeAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken stop)
    {
        var parsed = Create().Parse(arguments);
        var code = await parsed.InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null }, stop);
        return parsed.Action is ParseErrorAction ? Failed : code;
    }
}
