namespace KernelGen.Scaling.Tests;

/// <summary>Every law's gradient against central differences, at random parameters inside the starting ranges.</summary>
public class GradientTests
{
    private static readonly RepresentationPoint Int2 = new("int2", 2, 0.1188, "uniform"),
        Int4 = new("int4", 4, 0.0115, "uniform"),
        Sparse = new("2:4", 9, 0.05, "sparse");

    private static readonly Dictionary<string, double> Columns = new()
    {
        ["sparsity"] = 0.6,
        ["unique_tokens"] = 2e9,
        ["post_bits"] = 4,
        ["exponent_bits"] = 4,
        ["mantissa_bits"] = 3,
        ["block"] = 64,
        ["group_size"] = 128,
        ["experts"] = 16,
        ["vocabulary"] = 32000,
        ["width"] = 1024,
        ["characters"] = 1e10,
        ["batch"] = 5e5,
        ["steps"] = 3e4,
        ["lr"] = 2e-3,
        ["loss_x"] = 3.1,
    };

    private static readonly LawInput[] Inputs =
    [
        new(3e8, 1e10, Int4, Int2, Sparse, "quest", Columns),
        new(2e9, 3e9, Int2, null, null, "quest", Columns),
        new(5e7, 4e10, null, Sparse, null, "none", Columns),
    ];

    public static TheoryData<string, string, string> Laws()
    {
        var data = new TheoryData<string, string, string>();
        foreach (IScalingLaw law in LawCatalog.All)
        {
            data.Add(law.Name, "tanh", "");
        }
        foreach (CapacityForm form in CapacityForm.All)
        {
            data.Add("unified", form.Name, "Family");
            data.Add("unified", form.Name, "Part");
        }
        data.Add("decoupled", "tanh", "Part");
        return data;
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void Gradient_equals_central_differences(string name, string form, string grouping)
    {
        var options = new LawOptions
        {
            Form = CapacityForm.Named(form),
            Grouping = grouping.Length == 0 ? null : Enum.Parse<CapacityGrouping>(grouping),
        };
        IScalingLaw law = LawCatalog.Create(name, Inputs, options);
        var random = new Random(7);
        for (int trial = 0; trial < 20; trial++)
        {
            double[] p =
            [
                .. law.Parameters.Select(parameter =>
                {
                    double u = 0.1 + 0.8 * random.NextDouble();
                    return parameter.Scale == ParameterScale.Log
                        ? Math.Exp(Math.Log(parameter.StartLow) + u * Math.Log(parameter.StartHigh / parameter.StartLow))
                        : parameter.StartLow + u * (parameter.StartHigh - parameter.StartLow);
                }),
            ];
            LawInput input = Inputs[trial % Inputs.Length];
            Check(p, (x, g) => law.Predict(input, x, g));
            if (law.LogResiduals)
            {
                Check(p, (x, g) => law.PredictLog(input, x, g));
                Assert.Equal(Math.Log(law.Predict(input, p, [])), law.PredictLog(input, p, []), 1e-12);
            }
        }
    }

    private static void Check(double[] p, Func<double[], double[], double> value)
    {
        var gradient = new double[p.Length];
        Array.Fill(gradient, double.NaN); // What was there before must not matter.
        value(p, gradient);
        for (int i = 0; i < p.Length; i++)
        {
            double step = Math.Max(Math.Abs(p[i]), 1e-3) * 1e-5;
            double[] up = [.. p],
                down = [.. p];
            up[i] += step;
            down[i] -= step;
            double high = value(up, []),
                low = value(down, []);
            double difference = (high - low) / (2 * step),
                rounding = 1e-15 * Math.Max(Math.Abs(high), 1) / step;
            Assert.True(
                Math.Abs(difference - gradient[i]) <= 1e-5 * Math.Max(Math.Abs(gradient[i]), Math.Abs(difference)) + 20 * rounding,
                $"parameter {i}: gradient {gradient[i]}, difference {difference}"
            );
        }
    }
}
