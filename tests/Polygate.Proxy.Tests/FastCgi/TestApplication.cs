using System.Text;
using Polygate.Proxy.Tests.Forwarding;

namespace Polygate.Proxy.Tests.FastCgi;

/// <summary>A request as a FastCGI application sees it.</summary>
internal sealed record ApplicationRequest(IReadOnlyList<(string Name, string Value)> Parameters, string Body, bool KeepsConnection)
{
    /// <summary>The value of a parameter; null when there is none, a failure when there are several.</summary>
    public string? this[string name] => Parameters.Where(parameter => parameter.Name == name).Select(parameter => parameter.Value).SingleOrDefault();
}

/// <summary>The application's end of a connection: FastCGI 1.0 once more, written for tests.</summary>
internal sealed class TestApplication(TestConnection connection)
{
    public const int End = 3, Output = 6, Errors = 7;

    public TestConnection Connection => connection;

    /// <summary>A backend each of whose connections runs a script.</summary>
    public static TestBackend Running(Func<TestApplication, Task> script) => new(connection => script(new TestApplication(connection)));

    /// <summary>A backend that reads each request and then sends an answer.</summary>
    public static TestBackend Answering(string answer) => Running(async application =>
    {
        await application.ReadRequestAsync();
        await application.AnswerAsync(answer);
    });

    /// <summary>A backend that reads each request, and then sends bytes.</summary>
    public static TestBackend Sending(params string[] records) => Running(async application =>
    {
        await application.ReadRequestAsync();
        await application.Connection.SendAsync(string.Concat(records));
    });

    /// <summary>A record as it is sent.</summary>
    public static string Record(int type, string content, int padding = 0, int request = 1, int version = 1) => string.Concat(
        (char)version, (char)type, (char)(request >> 8), (char)(request & 0xFF), (char)(content.Length >> 8), (char)(content.Length & 0xFF), (char)padding, (char)0)
        + content + new string('p', padding);

    /// <summary>The end of an answer.</summary>
    public static string EndRecord(int protocolStatus = 0) => Record(End, new string('\0', 4) + (char)protocolStatus + "\0\0\0");

    public async Task<ApplicationRequest> ReadRequestAsync()
    {
        var (type, begin) = await ReadRecordAsync();
        Assert.Equal((1, 8, '\0', '\u0001'), (type, begin.Length, begin[0], begin[1]));
        var parameters = await ReadStreamAsync(4);
        return new ApplicationRequest([.. Pairs(parameters)], await ReadStreamAsync(5), begin[2] != 0);
    }

    /// <summary>Sends an answer in records that applications like, and ends it.</summary>
    public async Task AnswerAsync(string answer)
    {
        for (var rest = answer; rest.Length > 0; rest = rest[Math.Min(rest.Length, 8192)..])
            await connection.SendAsync(Record(Output, rest[..Math.Min(rest.Length, 8192)], padding: rest.Length % 8));

        await connection.SendAsync(Record(Output, "") + EndRecord());
    }

    private async Task<string> ReadStreamAsync(int type)
    {
        var content = new StringBuilder();
        while (true)
        {
            var record = await ReadRecordAsync();
            Assert.Equal(type, record.Type);
            if (record.Content.Length == 0)
                return content.ToString();

            content.Append(record.Content);
        }
    }

    private async Task<(int Type, string Content)> ReadRecordAsync()
    {
        var head = await connection.ReadAsync(8);
        Assert.Equal((1, 0, 1), (head[0], head[2], head[3]));
        var content = await connection.ReadAsync((head[4] << 8) | head[5]);
        await connection.ReadAsync(head[6]);
        return (head[1], content);
    }

    private static IEnumerable<(string Name, string Value)> Pairs(string content)
    {
        for (var position = 0; position < content.Length;)
        {
            var nameLength = Length();
            var valueLength = Length();
            yield return (content.Substring(position, nameLength), content.Substring(position + nameLength, valueLength));
            position += nameLength + valueLength;

            int Length()
            {
                if (content[position] < 0x80)
                    return content[position++];

                position += 4;
                return ((content[position - 4] & 0x7F) << 24) | (content[position - 3] << 16) | (content[position - 2] << 8) | content[position - 1];
            }
        }
    }
}
