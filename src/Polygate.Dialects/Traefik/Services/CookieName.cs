using System.Security.Cryptography;
using System.Text;

namespace Polygate.Dialects.Traefik.Services;

/// <summary>The name of a stickiness cookie that has none: an underscore and five hexadecimal digits made from the service.</summary>
internal static class CookieName
{
    public static string For(string service) => "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(service)))[..5];
}
