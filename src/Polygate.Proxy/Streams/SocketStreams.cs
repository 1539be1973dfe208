using Polygate.Model;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Streams;

/// <summary>
/// The stream routes of one socket. Immutable. Claims are tried from the most specific to the least; in a claim each scope's first match
/// competes with those of the others.
/// </summary>
internal sealed class SocketStreams
{
    private readonly HostMap<Claim> secure;
    private readonly HostMap<Claim> cleartext;

    private SocketStreams(HostMap<Claim> secure, HostMap<Claim> cleartext)
    {
        this.secure = secure;
        this.cleartext = cleartext;
    }

    internal static SocketStreams Empty { get; } = new(HostMap<Claim>.Empty, HostMap<Claim>.Empty);

    /// <summary>Whether connections that are not TLS have a route.</summary>
    internal bool HasCleartext => !cleartext.IsEmpty;

    internal static SocketStreams Of(IReadOnlyCollection<CompiledStreamMatch> matches) => matches.Count == 0
        ? Empty
        : new SocketStreams(
            MapOf(matches.Where(match => match.Route.Route.Tls != StreamTls.None)), MapOf(matches.Where(match => match.Route.Route.Tls == StreamTls.None)));

    /// <summary>The route of a connection; null when none takes it.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="atLeast">Claims less specific than this (see <see cref="Specificity"/>) do not count: something else that is has the name.</param>
    internal CompiledStreamRoute? Find(in StreamContext context, int atLeast = 0)
    {
        var claims = (context.IsTls ? secure : cleartext).FindAll(context.ServerName);
        while (claims.Next() is { } claim && claim.Specificity >= atLeast)
        {
            if (claim.Find(context) is { } match)
            {
                return match.Route;
            }
        }

        return null;
    }

    private static HostMap<Claim> MapOf(IEnumerable<CompiledStreamMatch> matches) => HostMap<Claim>.Empty.With(
    [
        .. matches.GroupBy(match => match.Binding.VirtualHost)
            .Select(group => new HostChange<Claim>(group.Key, new Claim(Specificity.Of(group.Key), [.. group]))),
    ]);

    /// <summary>The matches of one virtual host, by scope and then in order of precedence.</summary>
    private sealed class Claim
    {
        private readonly CompiledStreamMatch[][] scopes;

        internal Claim(int specificity, CompiledStreamMatch[] matches)
        {
            Specificity = specificity;
            scopes =
            [
                .. matches.GroupBy(match => match.Route.Route.Scope, StringComparer.Ordinal)
                    .Select(scope => scope.OrderBy(match => match.Match.Precedence).ThenBy(match => match.Route.Route.Id, StringComparer.Ordinal).ToArray()),
            ];
        }

        internal int Specificity { get; }

        internal CompiledStreamMatch? Find(in StreamContext context)
        {
            CompiledStreamMatch? best = null;
            foreach (var scope in scopes)
            {
                foreach (var match in scope)
                {
                    if (match.Fits(context))
                    {
                        best = best is null || CompiledStreamMatch.CompareBetweenScopes(match, best) < 0 ? match : best;
                        break;
                    }
                }
            }

            return best;
        }
    }
}
