// The module over OpenCV's DNN. No exception leaves it, and it prints nothing.

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>

#include "process/onnx/runtime.h"

namespace
{

struct Network {
    cv::dnn::Net net;
    std::vector<std::string> names;
    std::vector<cv::Mat> answers;
};

int say_nothing(int, const char *, const char *, const char *, int, void *)
{
    return 0;
}

// OpenCV prints its errors, and those of models it cannot read, before it throws them. How it does
// so is set for the whole process: the first of several threads silences it, and the last one lets
// it speak again, whichever they are.
class Silence
{
  public:
    Silence()
    {
        std::lock_guard<std::mutex> guard(mutex);
        if (holders++ > 0)
            return;
        level = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        printer = cv::redirectError(say_nothing);
    }
    ~Silence()
    {
        std::lock_guard<std::mutex> guard(mutex);
        if (--holders > 0)
            return;
        cv::redirectError(printer);
        cv::utils::logging::setLogLevel(level);
    }
    Silence(const Silence &) = delete;
    Silence &operator=(const Silence &) = delete;

  private:
    static std::mutex mutex;
    static int holders;
    static cv::utils::logging::LogLevel level;
    static cv::ErrorCallback printer;
};

std::mutex Silence::mutex;
int Silence::holders = 0;
cv::utils::logging::LogLevel Silence::level = cv::utils::logging::LOG_LEVEL_INFO;
cv::ErrorCallback Silence::printer = nullptr;

void say(char *reason, size_t size, const char *words)
{
    size_t length = 0;
    for (; words[length] && length + 1 < size; length++)
        reason[length] = words[length];
    if (size)
        reason[length] = '\0';
}

// The message without the line of OpenCV's source that stands before it.
void say_error(char *reason, size_t size, const cv::Exception &error)
{
    say(reason, size, error.err.empty() ? error.what() : error.err.c_str());
}

void *open_network(const char *path, int threads, char *reason, size_t size)
{
    try {
        Silence silence;
        auto network = std::make_unique<Network>();
        cv::setNumThreads(threads);
        network->net = cv::dnn::readNetFromONNX(path);
        if (network->net.empty()) {
            say(reason, size, "the model is empty");
            return nullptr;
        }
        network->net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
        network->net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
        network->names = network->net.getUnconnectedOutLayersNames();
        return network.release();
    } catch (const cv::Exception &error) {
        say_error(reason, size, error);
    } catch (const std::exception &error) {
        say(reason, size, error.what());
    } catch (...) {
        say(reason, size, "it failed for a reason that has no name");
    }
    return nullptr;
}

int describe(const std::vector<cv::Mat> &answers, wci_onnx_output *outputs)
{
    int count = 0;
    for (const cv::Mat &answer : answers) {
        if (count == WCI_ONNX_OUTPUTS_MAX)
            break;
        if (answer.type() != CV_32F || answer.dims > WCI_ONNX_RANK_MAX || !answer.isContinuous())
            continue;
        wci_onnx_output &output = outputs[count++];
        output.data = answer.ptr<float>();
        output.rank = answer.dims;
        for (int i = 0; i < answer.dims; i++)
            output.sizes[i] = answer.size[i];
    }
    return count;
}

int run_network(void *user, const float *input, int width, int height, wci_onnx_output *outputs,
                char *reason, size_t size)
{
    try {
        Silence silence;
        Network &network = *static_cast<Network *>(user);
        const int sizes[] = {1, 3, height, width};
        // It is only read.
        network.net.setInput(cv::Mat(4, sizes, CV_32F, const_cast<float *>(input)));
        network.net.forward(network.answers, network.names);
        int count = describe(network.answers, outputs);
        if (count == 0)
            say(reason, size, "it has no output of float numbers");
        return count;
    } catch (const cv::Exception &error) {
        say_error(reason, size, error);
    } catch (const std::exception &error) {
        say(reason, size, error.what());
    } catch (...) {
        say(reason, size, "it failed for a reason that has no name");
    }
    return 0;
}

void close_network(void *user)
{
    try {
        delete static_cast<Network *>(user);
    } catch (...) { // memory that cannot be given back is lost, the program is not
    }
}

const wci_onnx_runtime runtime = {WCI_ONNX_SEAM, "OpenCV " CV_VERSION, open_network, run_network,
                                  close_network};

} // namespace

extern "C" __attribute__((visibility("default"))) const wci_onnx_runtime *
wildcam_onnx_runtime(int seam)
{
    return seam == WCI_ONNX_SEAM ? &runtime : nullptr;
}
