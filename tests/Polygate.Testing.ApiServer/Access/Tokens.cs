using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Polygate.Testing.ApiServer.Access;

/// <summary>Bearer tokens and whose they are.</summary>
internal sealed class Tokens
{
    private readonly ConcurrentDictionary<string, User> users = [];

    public string Issue(User user)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        users[token] = user;
        return token;
    }

    public void Revoke(string token) => users.TryRemove(token, out _);

    /// <summary>The user of an Authorization header; null where the token is not known, anonymous where there is none.</summary>
    public User? Authenticate(string header)
    {
        if (header.Length == 0)
        {
            return User.Anonymous;
        }

        return header.StartsWith("Bearer ", StringComparison.Ordinal) ? users.GetValueOrDefault(header["Bearer ".Length..]) : null;
    }
}
