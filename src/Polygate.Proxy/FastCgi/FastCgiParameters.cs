using System.Buffers.Text;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters;
using Polygate.Proxy.Http;

namespace Polygate.Proxy.FastCgi;

/// <summary>A request for which parameters are written.</summary>
/// <param name="head">The request as the filters left it.</param>
/// <param name="exchange">The client's exchange; null for requests of the gateway's own.</param>
/// <param name="authority">What the application is told as the host.</param>
/// <param name="length">Of the body; null when it is not known.</param>
internal readonly ref struct FastCgiRequest(RequestHead head, HttpExchange? exchange, ReadOnlySpan<byte> authority, long? length)
{
    private static readonly FilterState NoFilters = new();

    public RequestHead Head => head;

    public ReadOnlySpan<byte> Authority { get; } = authority;

    public long? Length => length;

    public FilterState Filters => exchange?.State.RouteFilters ?? NoFilters;

    public HttpVersion Version => exchange?.Version ?? HttpVersion.Http11;
}

/// <summary>
/// What an application is told of a request, its meta-variables (RFC 3875 section 4.1): those of nginx's <c>fastcgi_params</c> that say something about
/// a request, each header field as <c>HTTP_…</c>, and a route's own, which take the place of others of their names.
/// </summary>
internal sealed class FastCgiParameters
{
    private static readonly (string Name, Getter Value)[] Usual =
    [
        ("QUERY_STRING", static request => request.Head.Query),
        ("REQUEST_METHOD", static request => request.Head.Method),
        ("CONTENT_TYPE", static request => request.Head.Headers.TryGet("Content-Type"u8, out var type) ? type : default),
        ("CONTENT_LENGTH", LengthOf),
        ("SERVER_PROTOCOL", static request => request.Version switch { HttpVersion.Http10 => "HTTP/1.0"u8, HttpVersion.Http11 => "HTTP/1.1"u8, _ => "HTTP/2.0"u8 }),
        ("REQUEST_SCHEME", static request => request.Head.IsTls ? "https"u8 : "http"u8),
        ("GATEWAY_INTERFACE", static _ => "CGI/1.1"u8),
        ("SERVER_SOFTWARE", static _ => "polygate"u8),
        ("SERVER_NAME", static request => request.Head.Host),
        ("SERVER_PORT", static request => request.Head.Client.PortText),

        // Without it a PHP that was built for CGI does not answer.
        ("REDIRECT_STATUS", static _ => "200"u8),
    ];

    [ThreadStatic]
    private static byte[]? number;

    private readonly List<(byte[] Name, Getter Value)> parameters = [];
    private readonly bool tellsHttps;

    /// <param name="settings">The route's.</param>
    public FastCgiParameters(FastCgiSettings settings)
    {
        var own = settings.Parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        tellsHttps = !own.Contains("HTTPS");
        parameters.AddRange(Usual.Where(usual => !own.Contains(usual.Name)).Select(usual => (Encoding.ASCII.GetBytes(usual.Name), usual.Value)));
        HeaderTemplate[] composed =
        [
            new("REMOTE_ADDR", TextTemplate.Of(TextSource.ClientAddress)),
            new("REQUEST_URI", TextTemplate.Of(TextSource.PathAndQuery)),
            new("DOCUMENT_URI", TextTemplate.Of(TextSource.Document)),
            new("SCRIPT_NAME", TextTemplate.Of(TextSource.Document, settings.Index)),
        ];
        foreach (var (name, value) in composed.Where(usual => !own.Contains(usual.Name)).Concat(settings.Parameters))
        {
            var template = new CompiledTemplate(value);
            parameters.Add((Encoding.UTF8.GetBytes(name), request => template.Render(request.Head, request.Filters)));
        }
    }

    private delegate ReadOnlySpan<byte> Getter(FastCgiRequest request);

    /// <summary>For routes that say nothing.</summary>
    public static FastCgiParameters Default { get; } = new(new FastCgiSettings());

    /// <summary>The parameters for a request, as the records of <c>FCGI_PARAMS</c> have them.</summary>
    /// <returns>Valid until the next call on this thread.</returns>
    public ReadOnlySpan<byte> Write(FastCgiRequest request)
    {
        var writer = FastCgiPairs.Begin();
        foreach (var (name, value) in parameters)
            writer.Add(name, value(request));

        if (tellsHttps && request.Head.IsTls)
            writer.Add("HTTPS"u8, "on"u8);

        writer.Add("HTTP_HOST"u8, request.Authority);
        var headers = request.Head.Headers;
        for (var i = 0; i < headers.Count; i++)
        {
            if (IsTold(headers, i))
                writer.AddHeader(headers, i);
        }

        return writer.Written;
    }

    /// <summary>
    /// Not what speaks of one connection; not <c>Proxy</c>, which as <c>HTTP_PROXY</c> would be what programs take for their own proxy; and no name that
    /// another one is written like (<c>X_Real_IP</c>), by which clients would say what is only ours to say.
    /// </summary>
    private static bool IsTold(HeaderTable headers, int index)
    {
        var name = headers.Name(index);
        return ((KnownHeaders.NotForwarded | KnownHeaders.Mask(KnownHeader.ContentType)) & KnownHeaders.Mask(headers.Known(index))) == 0
            && !name.ContainsAnyExcept(HttpCharacters.LettersDigitsDash)
            && !Ascii.EqualsIgnoreCase(name, "Proxy"u8)
            && headers.IndexOf(name) == index;
    }

    /// <summary>Nothing where there is no body, as nginx has it: programs tell that from an empty one.</summary>
    private static ReadOnlySpan<byte> LengthOf(FastCgiRequest request)
    {
        if (request.Length is not { } length || (length == 0 && !RequestFraming.ExpectsBody(request.Head.Method)))
            return default;

        var text = number ??= new byte[20];
        Utf8Formatter.TryFormat(length, text, out var written);
        return text.AsSpan(0, written);
    }
}
