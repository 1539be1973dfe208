using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters.Authorization;

/// <summary>How an authorization service's header field changes a message.</summary>
internal enum FieldChange
{
    Set,
    Add,
    AddIfAbsent,
    SetIfPresent,
}

/// <summary>A header field that an authorization service sent.</summary>
internal readonly record struct AuthorizationField(byte[] Name, byte[] Value, FieldChange Change)
{
    public void ApplyTo(HeaderTable headers)
    {
        switch (Change)
        {
            case FieldChange.Set:
                headers.Set(Name, Value);
                break;
            case FieldChange.SetIfPresent when headers.Contains(Name):
                headers.Set(Name, Value);
                break;
            case FieldChange.Add:
            case FieldChange.AddIfAbsent when !headers.Contains(Name):
                headers.Add(Name, Value);
                break;
        }
    }
}

/// <summary>What an authorization service decided. Immutable, so that it can be remembered.</summary>
internal sealed class AuthorizationVerdict
{
    /// <summary>The answer to the client; null when the request may pass.</summary>
    public LocalReply? Refusal { get; init; }

    /// <summary>Taken from the request before <see cref="RequestFields"/> are applied.</summary>
    public byte[][] RemoveFromRequest { get; init; } = [];

    /// <summary>Names that are the service's to give: taken from the request as well; null for none.</summary>
    public TextRegex? RemovePattern { get; init; }

    public AuthorizationField[] RequestFields { get; init; } = [];

    /// <summary>For the answer to the client.</summary>
    public AuthorizationField[] ResponseFields { get; init; } = [];

    /// <summary>Cookies for the answer to the client, by name, in place of the backend's.</summary>
    public (byte[] Name, byte[] Line)[] ResponseCookies { get; init; } = [];


    /// <summary>Lets a request pass.</summary>
    public void ApplyTo(RequestHead head)
    {
        foreach (var name in RemoveFromRequest)
            head.Headers.Remove(name);

        for (var i = head.Headers.Count - 1; RemovePattern is not null && i >= 0; i--)
        {
            if (RemovePattern.Finds(head.Headers.Name(i)))
                head.Headers.RemoveAt(i);
        }

        foreach (var field in RequestFields)
            field.ApplyTo(head.Headers);
    }

    /// <summary>Changes the answer to the client of a request that passed.</summary>
    public void ApplyTo(ResponseHead response)
    {
        foreach (var field in ResponseFields)
            field.ApplyTo(response.Headers);

        foreach (var (name, _) in ResponseCookies)
            RemoveCookie(response.Headers, name);

        foreach (var (_, line) in ResponseCookies)
            response.Headers.Add("Set-Cookie"u8, line);
    }

    /// <summary>The name in a <c>Set-Cookie</c> (RFC 6265 section 4.1.1).</summary>
    public static ReadOnlySpan<byte> CookieName(ReadOnlySpan<byte> line)
    {
        var equals = line.IndexOf((byte)'=');
        return equals < 0 ? default : line[..equals].Trim(" \t"u8);
    }

    private static void RemoveCookie(HeaderTable headers, ReadOnlySpan<byte> name)
    {
        for (var i = headers.Count - 1; i >= 0; i--)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(headers.Name(i), "set-cookie"u8) && CookieName(headers.Value(i)).SequenceEqual(name))
                headers.RemoveAt(i);
        }
    }
}
