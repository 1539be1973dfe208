using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>Changes the path and the host that the backend sees.</summary>
internal sealed class RewriteStep : FilterStep
{
    private readonly PathRewriter? path;
    private readonly byte[]? host;
    private readonly byte[]? recordOriginalPathIn;

    public RewriteStep(RewriteFilter filter, ICollection<string> problems)
    {
        path = filter.Path is null ? null : PathRewriter.Create(filter.Path, problems);
        host = filter.Host is null ? null : HeaderText.Value(filter.Host);
        recordOriginalPathIn = filter.RecordOriginalPathIn is null ? null : HeaderText.Name(filter.RecordOriginalPathIn);
    }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        path?.Apply(head, recordOriginalPathIn);
        if (host is not null)
        {
            head.SetAuthority(host);
        }

        return null;
    }
}
