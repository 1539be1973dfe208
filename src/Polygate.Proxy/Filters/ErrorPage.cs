using System.Text;
using Polygate.Model;
using Polygate.Proxy.Http;
using Polygate.Proxy.Upstreams;

namespace Polygate.Proxy.Filters;

/// <summary>Whose answers take the place of answers with certain statuses.</summary>
internal sealed class ErrorPage
{
    private readonly ErrorPagesFilter filter;
    private readonly CompiledTemplate path;
    private readonly (byte[] Name, CompiledTemplate Value)[] set;
    private readonly byte[][]? forwarded;
    private readonly byte[]? host;

    public ErrorPage(ErrorPagesFilter filter, UpstreamCluster cluster)
    {
        this.filter = filter;
        Cluster = cluster;
        path = new CompiledTemplate(filter.Path);
        set = [.. filter.Set.Select(header => (HeaderText.Name(header.Name), new CompiledTemplate(header.Value)))];
        forwarded = filter.ForwardHeaders is { } names ? [.. names.Select(HeaderText.Name)] : null;
        host = filter.Host is null ? null : HeaderText.Value(filter.Host);
        UsesOriginal = path.UsesOriginal || Array.Exists(set, header => header.Value.UsesOriginal);
    }

    public UpstreamCluster Cluster { get; }

    public TimeSpan Timeout => filter.Timeout;

    public bool UsesOriginal { get; }

    public bool Replaces(int status, bool isBackendAnswer) => (isBackendAnswer || !filter.BackendOnly) && filter.Statuses.AsSpan().Contains(status);

    /// <summary>The status that the client gets.</summary>
    /// <param name="status">The first answer's.</param>
    /// <param name="pageStatus">The error page's.</param>
    public int StatusFor(int status, int pageStatus)
    {
        foreach (var change in filter.StatusChanges)
        {
            if (change.From == status)
                return change.To;
        }

        return filter.KeepStatus ? status : pageStatus;
    }

    /// <summary>The question for the page.</summary>
    public RequestHead Ask(RequestHead head, FilterState state, int status)
    {
        var question = new RequestHead();
        question.SetMethod("GET"u8);
        var target = RequestTargetText.Clean(path.Render(head, state, status));
        var mark = target.AsSpan().IndexOf((byte)'?');
        question.SetPath(mark < 0 ? target : target.AsSpan(0, mark));
        question.HasQuery = mark >= 0;
        question.SetQuery(mark < 0 ? default : target.AsSpan(mark + 1));
        question.SetAuthority(host ?? (Cluster.Backend is { UseEndpointHost: true } ? default : head.Authority));
        for (var i = 0; i < head.Headers.Count; i++)
        {
            if (forwarded is null || Array.Exists(forwarded, new Named(head.Headers.Name(i).ToArray()).Is))
                question.Headers.Add(head.Headers.Name(i), head.Headers.Value(i));
        }

        question.Headers.RemoveAll(KnownHeaders.NotForwarded);
        foreach (var name in new[] { "content-type", "content-encoding", "if-none-match", "if-modified-since", "range" })
            question.Headers.Remove(HeaderText.Name(name));

        foreach (var (name, value) in set)
            question.Headers.Set(name, value.RenderHeader(head, state, status));

        return question;
    }

    private readonly record struct Named(byte[] Name)
    {
        public bool Is(byte[] other) => Ascii.EqualsIgnoreCase(other, Name);
    }
}
