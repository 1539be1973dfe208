using System.Text;

namespace Polygate.Proxy.Http2.Hpack;

/// <summary>The fields every HPACK endpoint knows (RFC 7541 appendix A), by index from 1.</summary>
internal static class StaticTable
{
    public const int Authority = 1;
    public const int MethodGet = 2;
    public const int MethodPost = 3;
    public const int Path = 4;
    public const int PathRoot = 4;
    public const int SchemeHttp = 6;
    public const int SchemeHttps = 7;
    public const int ContentLength = 28;

    /// <summary>Fields whose values are not for indexes that an attacker could probe (section 7.1.3).</summary>
    public const int Authorization = 23;
    public const int Cookie = 32;
    public const int ProxyAuthorization = 49;

    private static readonly (byte[] Name, byte[] Value)[] Entries =
    [
        .. """
        :authority
        :method GET
        :method POST
        :path /
        :path /index.html
        :scheme http
        :scheme https
        :status 200
        :status 204
        :status 206
        :status 304
        :status 400
        :status 404
        :status 500
        accept-charset
        accept-encoding gzip, deflate
        accept-language
        accept-ranges
        accept
        access-control-allow-origin
        age
        allow
        authorization
        cache-control
        content-disposition
        content-encoding
        content-language
        content-length
        content-location
        content-range
        content-type
        cookie
        date
        etag
        expect
        expires
        from
        host
        if-match
        if-modified-since
        if-none-match
        if-range
        if-unmodified-since
        last-modified
        link
        location
        max-forwards
        proxy-authenticate
        proxy-authorization
        range
        referer
        refresh
        retry-after
        server
        set-cookie
        strict-transport-security
        transfer-encoding
        user-agent
        vary
        via
        www-authenticate
        """.ReplaceLineEndings("\n").Split('\n').Select(Entry),
    ];

    /// <summary>61.</summary>
    public static int Count => Entries.Length;

    public static ReadOnlySpan<byte> Name(int index) => Entries[index - 1].Name;

    public static ReadOnlySpan<byte> Value(int index) => Entries[index - 1].Value;

    private static (byte[] Name, byte[] Value) Entry(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0
            ? (Encoding.ASCII.GetBytes(line), [])
            : (Encoding.ASCII.GetBytes(line[..space]), Encoding.ASCII.GetBytes(line[(space + 1)..]));
    }
}
