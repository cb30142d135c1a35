"""AWS's own clients against the local endpoint, and our signature against their signer.

Run in the environment that install.py makes: clients_test.py LOCAL_LAMBDA ECHO_RUNTIME RUNNER SOURCES [TEST]...
"""
import base64
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions

local_lambda, echo_runtime, runner, sources = sys.argv[1:5]
CLI = os.path.join(os.path.dirname(sys.executable), "aws")
CFN_LINT = os.path.join(os.path.dirname(sys.executable), "cfn-lint")
ARN = "arn:aws:lambda:eu-west-1:000000000000:function:echo"


class Endpoint:
    """local-lambda as a program; `variables` is what it tells the shell to export."""

    def __init__(self, *options):
        self.program = subprocess.Popen(
            [local_lambda, "--worker", echo_runtime, "--function", "echo", "--region", "eu-west-1", *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.variables = {}
        while True:
            line = self.program.stdout.readline().rstrip("\n")
            if line.startswith("export "):
                name, value = line[len("export "):].split("=", 1)
                self.variables[name] = value
            if line == "unset AWS_SESSION_TOKEN" or line.startswith("export AWS_SESSION_TOKEN="):
                return
            if not line:
                raise RuntimeError("local-lambda ended")

    def client(self, **changes):
        names = {"endpoint_url": "AWS_ENDPOINT_URL_LAMBDA", "region_name": "AWS_REGION",
                 "aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
                 "aws_session_token": "AWS_SESSION_TOKEN"}
        options = {name: self.variables.get(variable) for name, variable in names.items()}
        config = botocore.config.Config(retries={"max_attempts": 0}, proxies={})
        return boto3.client("lambda", config=config, **{**options, **changes})

    def close(self):
        self.program.terminate()
        self.program.wait()
        self.program.stdout.close()


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.endpoint = Endpoint()
        cls.client = cls.endpoint.client()

    @classmethod
    def tearDownClass(cls):
        cls.endpoint.close()

    def refusal(self, call, **arguments):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**arguments)
        return caught.exception.response["Error"]["Code"]

    def cli(self, *arguments):
        """With nothing but what the program printed."""
        environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **self.endpoint.variables}
        return subprocess.run([CLI, *arguments], env=environment, capture_output=True, text=True, timeout=60)

    def test_invoke(self):
        payload = json.dumps({"do": ["print good day", "echo"]})
        answer = self.client.invoke(FunctionName="echo", Payload=payload, LogType="Tail")
        self.assertEqual(answer["StatusCode"], 200)
        self.assertEqual(answer["ExecutedVersion"], "$LATEST")
        self.assertEqual(json.loads(answer["Payload"].read()), json.loads(payload))
        self.assertIn(b"good day\nEND RequestId: ", base64.b64decode(answer["LogResult"]))
        self.assertEqual(self.client.invoke(FunctionName="echo", InvocationType="DryRun")["StatusCode"], 204)

    def test_events_hold_a_megabyte(self):
        text = json.dumps("x" * (2**20 - 2))
        sent = self.client.invoke(FunctionName="echo", InvocationType="Event", Payload=text)
        self.assertEqual(sent["StatusCode"], 202)
        self.assertEqual(self.refusal(self.client.invoke, FunctionName="echo", InvocationType="Event",
                                      Payload=text + " "), "RequestTooLargeException")

    def test_function_is_active(self):
        self.client.get_waiter("function_active_v2").wait(FunctionName="echo")
        told = self.client.get_function(FunctionName="echo")["Configuration"]
        self.assertEqual(told["FunctionArn"], ARN)
        self.assertEqual(self.client.get_function_configuration(FunctionName="echo")["Timeout"], 900)
        self.client.get_function_concurrency(FunctionName="echo")
        limit = self.client.get_account_settings()["AccountLimit"]
        self.assertEqual(limit["ConcurrentExecutions"], 1000)

    def test_names(self):
        for name in ["echo", "echo:$LATEST", "000000000000:function:echo", ARN, ARN + ":$LATEST"]:
            self.assertEqual(self.client.invoke(FunctionName=name)["StatusCode"], 200, name)
        refused = {"other": "ResourceNotFoundException",
                   "echo:7": "ResourceNotFoundException",
                   ARN.replace("eu-west-1", "us-east-1"): "ResourceNotFoundException",
                   ARN.replace("000000000000", "123456789012"): "AccessDeniedException"}
        for name, code in refused.items():
            self.assertEqual(self.refusal(self.client.invoke, FunctionName=name), code, name)

    def test_credentials(self):
        refused = {"aws_secret_access_key": "InvalidSignatureException",
                   "aws_access_key_id": "UnrecognizedClientException",
                   "aws_session_token": "UnrecognizedClientException"}
        for name, code in refused.items():
            client = self.endpoint.client(**{name: "wrong"})
            self.assertEqual(self.refusal(client.invoke, FunctionName="echo"), code, name)
            # Whoever is still sending hears it too.
            large = json.dumps("x" * (6 * 2**20 - 2))
            self.assertEqual(self.refusal(client.invoke, FunctionName="echo", Payload=large), code, name)

    def test_session_token(self):
        endpoint = Endpoint("--session-token", "of/this=session")
        try:
            self.assertEqual(endpoint.client().invoke(FunctionName="echo")["StatusCode"], 200)
            without = endpoint.client(aws_session_token=None)
            self.assertEqual(self.refusal(without.invoke, FunctionName="echo"), "UnrecognizedClientException")
        finally:
            endpoint.close()

    def test_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "out")
            done = self.cli("lambda", "invoke", "--function-name", "echo", "--payload", '{"do": ["echo"]}', out)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(pathlib.Path(out).read_text()), {"do": ["echo"]})
        done = self.cli("lambda", "wait", "function-active-v2", "--function-name", "echo")
        self.assertEqual(done.returncode, 0, done.stderr)


class OurSignature(unittest.TestCase):
    def test_is_what_their_signer_makes(self):
        heard = []
        comes = threading.Event()

        class Listener(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                heard.append((self.command, self.path, dict(self.headers)))
                self.send_response(403)
                self.send_header("x-amzn-ErrorType", "AccessDeniedException")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                comes.set()

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Listener)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = "http://127.0.0.1:%d" % server.server_port
        environment = {"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
                       "AWS_SECRET_ACCESS_KEY": "a/secret+key", "AWS_SESSION_TOKEN": "a/session=token"}
        program = subprocess.Popen([runner, "--fleet", "lambda", "--function", "f", "--region", "eu-west-1", "--workers", "1",
                                    "--endpoint", address, "--listen", "127.0.0.1:0"],
                                   env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertTrue(comes.wait(60))
        program.kill()
        program.wait()
        server.shutdown()
        server.server_close()
        method, path, headers = heard[0]
        given = dict(part.strip().split("=", 1) for part in headers["Authorization"].split(" ", 1)[1].split(","))
        signed = given["SignedHeaders"].split(";")
        request = botocore.awsrequest.AWSRequest(method=method, url=address + path)
        for name, value in headers.items():
            if name.lower() in signed:
                request.headers[name] = value
        request.context["timestamp"] = headers["X-Amz-Date"]
        credentials = botocore.credentials.Credentials("AKIDEXAMPLE", "a/secret+key", "a/session=token")
        signer = botocore.auth.SigV4Auth(credentials, "lambda", "eu-west-1")
        canonical = signer.canonical_request(request)
        expected = signer.signature(signer.string_to_sign(request, canonical), request)
        self.assertEqual(given["Credential"], signer.scope(request))
        self.assertEqual(given["Signature"], expected, canonical)
        self.assertIn("x-amz-security-token", signed)


class Deployment(unittest.TestCase):
    def test_template(self):
        done = subprocess.run([CFN_LINT, os.path.join(sources, "deploy", "laggard.yaml")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]])
