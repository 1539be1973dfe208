using Polygate.Model;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters;

/// <summary>Writes headers of requests whose values are put together for each; an empty value removes the header.</summary>
internal sealed class RequestHeaderTemplateStep : FilterStep
{
    private readonly (byte[] Name, bool IsHost, CompiledTemplate Value)[] headers;

    public RequestHeaderTemplateStep(RequestHeaderTemplateFilter filter)
    {
        headers =
        [
            .. filter.Set.Select(header => (
                HeaderText.Name(header.Name), header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase), new CompiledTemplate(header.Value))),
        ];
        UsesOriginal = Array.Exists(headers, header => header.Value.UsesOriginal);
    }

    public override bool UsesOriginal { get; }

    public override LocalReply? OnRequest(RequestHead head, FilterState state)
    {
        foreach (var (name, isHost, template) in headers)
        {
            var value = template.Render(head, state);
            if (value.ContainsAny((byte)'\r', (byte)'\n', (byte)0))
            {
                value = template.RenderHeader(head, state);
            }

            if (isHost)
            {
                // A request without a host is not HTTP/1.1 (RFC 9112 section 3.2).
                if (!value.IsEmpty)
                {
                    head.SetAuthority(value);
                }
            }
            else if (value.IsEmpty)
            {
                head.Headers.Remove(name);
            }
            else
            {
                head.Headers.Set(name, value);
            }
        }

        return null;
    }
}
