using System.Globalization;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>
/// A <see cref="RedirectAction"/> made ready to run. What the action leaves open is taken from the request: its scheme, host,
/// path and query, and the listener's port unless the action names a scheme. The port of the scheme is never written.
/// </summary>
internal sealed class RedirectBuilder
{
    private readonly RedirectAction action;
    private readonly PathRewriter? path;

    private RedirectBuilder(RedirectAction action, PathRewriter? path)
    {
        this.action = action;
        this.path = path;
    }

    /// <summary>Makes a redirect; null, with a problem, when its path pattern is invalid.</summary>
    public static RedirectBuilder? Create(RedirectAction action, ICollection<string> problems)
    {
        var found = new List<string>();
        var path = action.Path is null ? null : PathRewriter.Create(action.Path, found);
        found.ForEach(problems.Add);
        return found.Count == 0 ? new RedirectBuilder(action, path) : null;
    }

    public LocalReply Build(RequestHead head, int listenerPort) =>
        LocalReply.Of(action.Status, "", new HeaderValue("Location", action.Location ?? Target(head, listenerPort)));

    private string Target(RequestHead head, int listenerPort)
    {
        var target = new StringBuilder();
        var host = action.Host ?? Encoding.UTF8.GetString(head.Host);
        if (host.Length > 0)
        {
            var scheme = action.Scheme ?? (head.IsTls ? "https" : "http");
            target.Append(scheme).Append("://").Append(host);
            var port = action.Port ?? (action.Scheme is null ? listenerPort : DefaultPort(scheme));
            if (port != 0 && head.Client.Mapping is { } mapping)
            {
                port = mapping.PortFor(port, head.Authority);
            }

            if (port != 0 && port != DefaultPort(scheme))
            {
                target.Append(CultureInfo.InvariantCulture, $":{port}");
            }
        }

        AppendPath(target, head);
        if (head.HasQuery && !action.StripQuery)
        {
            target.Append('?').Append(Encoding.UTF8.GetString(head.Query));
        }

        if (action.DropTrailingSlash && target.Length > 0 && target[^1] == '/')
        {
            target.Length--;
        }

        return target.ToString();
    }

    private void AppendPath(StringBuilder target, RequestHead head)
    {
        var current = Encoding.UTF8.GetString(head.Path);
        var rewritten = path?.Rewrite(current, out _);
        target.Append(rewritten is not null ? Encoding.UTF8.GetString(PathText.Encode(rewritten)) : current == "*" ? "/" : current);
    }

    private static int DefaultPort(string scheme) => scheme switch
    {
        "http" => 80,
        "https" => 443,
        _ => 0,
    };
}
