using System.Text;
using Polygate.Model;
using Polygate.Proxy.Forwarding;
using Polygate.Proxy.Grpc;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.Filters.Authorization;

/// <summary>
/// Asks by Envoy's authorization protocol: <c>envoy.service.auth.v3.Authorization/Check</c>. Of the answer, fields of the host and the target are
/// not taken over: the route is chosen already.
/// </summary>
internal sealed class GrpcAuthorizationClient(ExternalAuthorizationFilter filter) : AuthorizationClient
{
    private const int LongestAnswer = 1024 * 1024;
    private const int DefaultDenial = 403;

    public override bool UsesOriginal => true;

    public override BackendProtocol? Protocol => BackendProtocol.Http2;

    public override int MaximumBytes => LongestAnswer;

    public override ReadOnlyMemory<byte> Ask(RequestHead head, FilterState state, ReadOnlyMemory<byte> body, RequestHead question)
    {
        var host = filter.Request.Host is { } given ? Encoding.ASCII.GetBytes(given) : [];
        UnaryCall.Start(question, "/envoy.service.auth.v3.Authorization/Check"u8, host, filter.Timeout);
        var message = new ProtobufWriter();
        message.Message(1, attributes => WriteAttributes(attributes, head, state, body));
        return UnaryCall.Frame(message.Written);
    }

    public override AuthorizationVerdict? Judge(SubrequestAnswer answer, RequestHead head, FilterState state) =>
        UnaryCall.TryRead(answer, out var message) ? ReadVerdict(message) : null;

    private void WriteAttributes(ProtobufWriter attributes, RequestHead head, FilterState state, ReadOnlyMemory<byte> body)
    {
        attributes.Message(1, source => source.Message(1, address => address.Message(1, socket => socket.Text(2, head.ClientAddress.ToString()))));
        attributes.Message(2, destination => destination.Message(1, address => address.Message(1, socket => socket.Number(3, state.ListenerPort))));
        attributes.Message(4, request =>
        {
            request.Message(1, time => time.Number(1, DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
            request.Message(2, http => WriteRequest(http, head, state, body));
        });
        foreach (var context in filter.Context)
            attributes.Entry(10, context.Name, context.Value);
    }

    private void WriteRequest(ProtobufWriter http, RequestHead head, FilterState state, ReadOnlyMemory<byte> body)
    {
        var original = state.Exchange?.State is { KeepsOriginal: true } kept ? kept : null;
        var path = Encoding.UTF8.GetString(original is null ? head.Path : original.OriginalPath);
        if (original?.HadQuery ?? head.HasQuery)
            path += "?" + Encoding.UTF8.GetString(original is null ? head.Query : original.OriginalQuery);

        var authority = Encoding.UTF8.GetString(original is null ? head.Authority : original.OriginalAuthority);
        var method = Encoding.ASCII.GetString(head.Method);
        var scheme = head.IsTls ? "https" : "http";
        http.Text(1, head.Headers.TryGet("x-request-id"u8, out var id) ? id : default);
        http.Text(2, method);
        foreach (var (name, value) in Headers(head))
            http.Entry(3, name, value);

        http.Entry(3, ":authority", authority);
        http.Entry(3, ":method", method);
        http.Entry(3, ":path", path);
        http.Entry(3, ":scheme", scheme);
        http.Text(4, path);
        http.Text(5, authority);
        http.Text(6, scheme);
        http.Number(9, state.Exchange?.RequestLength ?? -1);
        http.Text(10, state.Exchange?.Version switch { HttpVersion.Http10 => "HTTP/1.0", HttpVersion.Http2 => "HTTP/2", _ => "HTTP/1.1" });
        if (filter.Body is { AsBytes: true })
            http.Bytes(12, body.Span);
        else
            http.Text(11, body.Span);
    }

    /// <summary>Names in lower case, several lines joined with a comma.</summary>
    private Dictionary<string, string> Headers(RequestHead head)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < head.Headers.Count; i++)
        {
            var name = Encoding.UTF8.GetString(head.Headers.Name(i)).ToLowerInvariant();
            if (!IsWanted(name))
                continue;

            var value = Encoding.UTF8.GetString(head.Headers.Value(i));
            headers[name] = headers.TryGetValue(name, out var before) ? $"{before},{value}" : value;
        }

        return headers;
    }

    private bool IsWanted(string name) =>
        filter.Request.Headers.IsEmpty
        || filter.Request.Headers.Contains(name, StringComparer.OrdinalIgnoreCase)
        || filter.Request.HeaderPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static AuthorizationVerdict? ReadVerdict(ReadOnlySpan<byte> message)
    {
        ulong code = 0;
        ReadOnlySpan<byte> denied = default;
        ReadOnlySpan<byte> ok = default;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    code = FirstNumber(reader.Bytes, 1);
                    break;
                case 2:
                    denied = reader.Bytes;
                    break;
                case 3:
                    ok = reader.Bytes;
                    break;
            }
        }

        return reader.IsMalformed ? null : code == 0 ? ReadOk(ok) : ReadDenied(denied);
    }

    private static AuthorizationVerdict? ReadOk(ReadOnlySpan<byte> message)
    {
        var request = new List<AuthorizationField>();
        var response = new List<AuthorizationField>();
        var removed = new List<byte[]>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 5)
                removed.Add(reader.Bytes.ToArray());
            else if (reader.Field is 2 or 6 && ReadField(reader.Bytes) is { } field)
                (reader.Field == 2 ? request : response).Add(field);
        }

        return reader.IsMalformed
            ? null
            : new AuthorizationVerdict { RemoveFromRequest = [.. removed], RequestFields = [.. request], ResponseFields = [.. response] };
    }

    private static AuthorizationVerdict? ReadDenied(ReadOnlySpan<byte> message)
    {
        var status = DefaultDenial;
        byte[] body = [];
        var fields = new List<(byte[], byte[])>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1 && FirstNumber(reader.Bytes, 1) is >= 200 and <= 599 and var given)
                status = (int)given;
            else if (reader.Field == 2 && ReadField(reader.Bytes) is { } field)
                fields.Add((field.Name, field.Value));
            else if (reader.Field == 3)
                body = reader.Bytes.ToArray();
        }

        return reader.IsMalformed ? null : new AuthorizationVerdict { Refusal = LocalReply.Of(status, [.. fields], body) };
    }

    /// <summary>A <c>HeaderValueOption</c>; null for fields that are not taken over.</summary>
    private static AuthorizationField? ReadField(ReadOnlySpan<byte> message)
    {
        ReadOnlySpan<byte> header = default;
        var append = false;
        ulong action = 0;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    header = reader.Bytes;
                    break;
                case 2:
                    append = FirstNumber(reader.Bytes, 1) != 0;
                    break;
                case 3:
                    action = reader.Number;
                    break;
            }
        }

        var name = "";
        var value = "";
        var inner = new ProtobufReader(header);
        while (inner.Next())
        {
            if (inner.Field == 1)
                name = Encoding.UTF8.GetString(inner.Bytes);
            else if (inner.Field is 2 or 3)
                value = Encoding.UTF8.GetString(inner.Bytes);
        }

        if (name.Length == 0 || name[0] == ':' || name.Equals("host", StringComparison.OrdinalIgnoreCase) || reader.IsMalformed || inner.IsMalformed)
            return null;

        var change = (append, action) switch
        {
            (true, _) => FieldChange.Add,
            (_, 1) => FieldChange.AddIfAbsent,
            (_, 3) => FieldChange.SetIfPresent,
            _ => FieldChange.Set,
        };
        return new AuthorizationField(HeaderText.Name(name), HeaderText.Value(value), change);
    }

    private static ulong FirstNumber(ReadOnlySpan<byte> message, int field)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == field)
                return reader.Number;
        }

        return 0;
    }
}
