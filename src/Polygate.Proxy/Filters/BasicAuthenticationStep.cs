using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Polygate.Model;
using Polygate.Proxy.Filters.Passwords;
using Polygate.Proxy.Http;
using Polygate.Proxy.Routing;

namespace Polygate.Proxy.Filters;

/// <summary>
/// HTTP Basic authentication (RFC 7617). An unknown user costs as much as a known one, so that the time of a refusal
/// does not tell which names exist.
/// </summary>
internal sealed class BasicAuthenticationStep : AsyncFilterStep
{
    private static readonly LocalReply TooBusy = LocalReply.Of(503);
    private readonly BasicAuthenticationFilter filter;
    private readonly PasswordVerifier verifier;
    private readonly Dictionary<string, string> hashes = new(StringComparer.Ordinal);
    private readonly LocalReply refusal;
    private readonly byte[]? userHeader;

    /// <param name="filter">The filter.</param>
    /// <param name="verifier">Checks passwords.</param>
    /// <param name="problems">Receives the users whose hashes cannot be checked: they are refused, the others are not.</param>
    public BasicAuthenticationStep(BasicAuthenticationFilter filter, PasswordVerifier verifier, ICollection<string> problems)
    {
        this.filter = filter;
        this.verifier = verifier;
        foreach (var (user, hash) in filter.Users)
        {
            if (PasswordHashes.IsUsable(hash))
            {
                hashes.TryAdd(user, hash);
            }
            else
            {
                problems.Add($"The password hash of user '{user}' is of an unknown kind or too expensive, so that this user is always refused.");
            }
        }

        var realm = filter.Realm.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        refusal = LocalReply.Of(401, "", new HeaderValue("WWW-Authenticate", $"Basic realm=\"{realm}\", charset=\"UTF-8\""));
        userHeader = filter.UserHeader is null ? null : HeaderText.Name(filter.UserHeader);
    }

    public override ValueTask<LocalReply?> OnRequestAsync(RequestHead head, FilterState state)
    {
        if (userHeader is not null)
        {
            // Only this gateway says who the user is.
            head.Headers.Remove(userHeader);
        }

        if (!head.Headers.TryGet("authorization"u8, out var credentials) || !TryDecode(credentials, out var user, out var password))
        {
            return new ValueTask<LocalReply?>(refusal);
        }

        if (hashes.TryGetValue(user, out var hash) && verifier.TryRecall(user, password, hash) == true)
        {
            Admit(head, user);
            return default;
        }

        return VerifyAsync(head, user, password, hash);
    }

    private async ValueTask<LocalReply?> VerifyAsync(RequestHead head, string user, byte[] password, string? hash)
    {
        var verdict = await verifier.VerifyAsync(user, password, hash ?? hashes.Values.FirstOrDefault() ?? "");
        if (verdict is null)
        {
            return TooBusy;
        }

        if (hash is null || verdict == false)
        {
            return refusal;
        }

        Admit(head, user);
        return null;
    }

    private void Admit(RequestHead head, string user)
    {
        if (filter.RemoveCredentials)
        {
            head.Headers.Remove("authorization"u8);
        }

        if (userHeader is not null)
        {
            head.Headers.Set(userHeader, HeaderText.Value(user));
        }
    }

    private static bool TryDecode(ReadOnlySpan<byte> credentials, out string user, out byte[] password)
    {
        (user, password) = ("", []);
        if (credentials.Length < 6 || !AsciiText.EqualsIgnoreCase(credentials[..6], "basic "u8))
        {
            return false;
        }

        var encoded = credentials[6..].Trim((byte)' ');
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        if (Base64.DecodeFromUtf8(encoded, decoded, out _, out var length) != OperationStatus.Done
            || decoded.AsSpan(0, length).IndexOf((byte)':') is not (>= 0 and var colon))
        {
            return false;
        }

        user = Encoding.UTF8.GetString(decoded, 0, colon);
        password = decoded[(colon + 1)..length];
        return true;
    }
}
